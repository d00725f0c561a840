/** As much of a browser's page as the small behaviours touch; enough for plain node, nothing of ours is replaced. */
export class Element extends EventTarget {
  constructor({ dataset = {}, below = [], ...rest } = {}) {
    super();
    this.dataset = dataset;
    this.below = below;
    this.attributes = new Map();
    Object.assign(this, rest);
  }
  querySelectorAll() { return this.below; }
  querySelector() { return this.below[0] ?? null; }
  matches() { return "enhance" in this.dataset; }
  setAttribute(name, value) { this.attributes.set(name, value); }
  getAttribute(name) { return this.attributes.get(name) ?? null; }
  hasAttribute(name) { return this.attributes.has(name); }
}

export const field = (name, value, given = {}) => ({
  name, value, type: "text", checked: false, hasAttribute: () => false, matches: () => false, ...given,
});
