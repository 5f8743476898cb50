import { types } from "node:util";
import { TestEnvironment } from "jest-environment-node";

// jest runs each test file in a context of its own; Node's modules, and the errors that they throw, live outside it. There
// `error instanceof Error` is false of such an error, and code under test would take another way than in production.
export default class extends TestEnvironment {
  constructor(...args) {
    super(...args);
    const { Error: ErrorOfContext } = this.global;
    Object.defineProperty(ErrorOfContext, Symbol.hasInstance, {
      value(value) {
        const ordinary = Function.prototype[Symbol.hasInstance].call(this, value);
        return ordinary || (this === ErrorOfContext && types.isNativeError(value));
      },
    });
  }
}
