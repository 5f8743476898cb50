/** What takes long to load, so that it is loaded once somebody asks for it. */
export class OnDemand<Value> {
  readonly #load: () => Promise<Value>;
  #loading: Promise<Value> | undefined;
  #value: Value | undefined;

  constructor(load: () => Promise<Value>) {
    this.#load = load;
  }

  /** Undefined until it is loaded. */
  get value(): Value | undefined {
    return this.#value;
  }

  /** Loads it, unless it is loaded or being loaded; all who ask wait for the same. */
  load(): Promise<Value> {
    this.#loading ??= this.#load().then((value) => {
      this.#value = value;
      return value;
    });
    return this.#loading;
  }
}
