/**
 * Whether a number of a JSON text comes back as the same number when it is kept as a double: no zero with a sign, nothing
 * beyond the range, and no integer between two doubles. Fractions of up to 17 digits are what doubles are written with.
 */
export function keepsNumber(token: string): boolean {
  if (/^(?:0|-?[1-9]\d{0,14})$/.test(token)) return true;
  const value = Number(token);
  if (!Number.isFinite(value) || Object.is(value, -0)) return false;
  const [asked, kept] = [decimalOf(token), decimalOf(String(value))];
  if (asked.digits === kept.digits && asked.exponent === kept.exponent) return true;
  return value !== 0 && !Number.isInteger(value) && asked.digits.length <= 17;
}

/** The digits without zeros at their ends, and the power of ten of the last; one pair for each value but its sign. */
function decimalOf(token: string): { readonly digits: string; readonly exponent: number } {
  const [mantissa = "", power = "0"] = token.toLowerCase().replace("-", "").split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const all = `${whole}${fraction}`.replace(/^0+/, "");
  const digits = all.replace(/0+$/, "");
  if (digits === "") return { digits, exponent: 0 };
  return { digits, exponent: Number(power) - fraction.length + all.length - digits.length };
}
