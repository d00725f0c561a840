/** Where the device is, asked only when somebody presses a button. */
export function whereAmI(from = navigator.geolocation) {
  return new Promise((done, fail) => {
    if (!from) { fail(new Error("no position")); return; }
    from.getCurrentPosition(
      ({ coords }) => done({ lat: coords.latitude, lon: coords.longitude, exact_m: coords.accuracy }),
      fail,
      { enableHighAccuracy: true, timeout: 12_000, maximumAge: 30_000 },
    );
  });
}
