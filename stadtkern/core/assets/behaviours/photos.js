/** Photos before they are sent: made small enough, shown, removable. Re-drawing drops EXIF on the device already.
 *
 *  <div data-enhance="photos" data-most="3" data-words-remove="Foto entfernen" data-words-photo="Foto">
 *    <input type="file" multiple accept="image/*"> <ul class="photos" data-shown></ul> </div>
 */
export const LONGEST_SIDE = 2048;

/** The size that keeps the shape and fits, never larger than it was. */
export function fitInto(width, height, longest = LONGEST_SIDE) {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** The photo re-drawn; what the browser cannot draw (HEIC on some) goes as it is, the server knows it. */
export async function shrink(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const size = fitInto(picture.width, picture.height);
    const canvas = Object.assign(document.createElement("canvas"), size);
    canvas.getContext("2d").drawImage(picture, 0, 0, size.width, size.height);
    picture.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.86));
    if (!blob) return file;
    return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
  } catch {
    return file;
  }
}

export default function photos(box, signal) {
  const input = box.querySelector("input[type=file]");
  const shown = box.querySelector("[data-shown]");
  const most = Number(box.dataset.most ?? 3);
  if (!input || !shown) return;
  let files = [];
  const addresses = new Map();

  const putBack = () => {
    const carrier = new DataTransfer();
    for (const file of files) carrier.items.add(file);
    input.files = carrier.files;
    box.dispatchEvent(new CustomEvent("photos:changed", { bubbles: true, detail: { files } }));
  };
  const draw = () => {
    shown.replaceChildren(...files.map((file, index) => slot(file, index)));
    shown.hidden = !files.length;
  };
  const slot = (file, index) => {
    if (!addresses.has(file)) addresses.set(file, URL.createObjectURL(file));
    const item = Object.assign(document.createElement("li"), { className: "photo photo-slot" });
    const picture = Object.assign(document.createElement("img"), { src: addresses.get(file), alt: `${box.dataset.wordsPhoto ?? ""} ${index + 1}` });
    const button = Object.assign(document.createElement("button"), { type: "button", className: "photo-remove" });
    button.setAttribute("aria-label", `${box.dataset.wordsRemove ?? ""} ${index + 1}`);
    button.append("×");
    button.addEventListener("click", () => { take(file); input.focus(); }, { signal });
    item.append(picture, button);
    return item;
  };
  const take = (file) => {
    URL.revokeObjectURL(addresses.get(file));
    addresses.delete(file);
    files = files.filter((each) => each !== file);
    putBack();
    draw();
  };

  input.addEventListener("change", async () => {
    const fresh = [...input.files].filter((file) => !files.includes(file));
    box.setAttribute("aria-busy", "true");
    const small = await Promise.all(fresh.map(shrink));
    box.removeAttribute("aria-busy");
    files = [...files, ...small].slice(0, most);
    putBack();
    draw();
  }, { signal });
  box.addEventListener("photos:restore", ({ detail }) => { files = detail.files.slice(0, most); putBack(); draw(); }, { signal });
  signal.addEventListener("abort", () => addresses.forEach((address) => URL.revokeObjectURL(address)));
}
