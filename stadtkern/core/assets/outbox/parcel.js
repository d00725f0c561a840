/** A filled-in form as something that can be kept and sent later, byte for byte the same. */

/** Splits FormData into plain fields and files; empty file fields are left out. */
export function pack(data) {
  const fields = [];
  const files = [];
  for (const [name, value] of data) {
    if (typeof value === "string") fields.push([name, value]);
    else if (value.size) files.push({ name, filename: value.name, type: value.type, blob: value });
  }
  return { fields, files };
}

export function unpack({ fields, files }) {
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  for (const { name, filename, type, blob } of files) {
    data.append(name, blob instanceof File ? blob : new File([blob], filename, { type }), filename);
  }
  return data;
}

/** One parcel: its id is the Idempotency-Key, so that sending twice files once. */
export function parcel({ data, url, page, title, id = crypto.randomUUID(), now = Date.now() }) {
  return { id, url, page, title, ...pack(data), state: "waiting", attempts: 0, kept_at: now };
}
