import { readFileSync } from "node:fs";
import { InvalidArgumentError } from "commander";

/** An image by name, or by the file that `npm run push-image` writes. */
export interface ImageFlags {
  readonly image?: string;
  readonly imageFile?: string;
}

/** Reads the image, by digest. Throws an error for commander. */
export function imageOf({ image, imageFile }: ImageFlags): string {
  if (image !== undefined) return image;
  if (imageFile === undefined) throw new InvalidArgumentError("Name the image with --image or --image-file.");
  return parseImage(readImageFile(imageFile));
}

function readImageFile(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new InvalidArgumentError(`Cannot read the image file (${(error as Error).message}).`);
  }
}

/** Parses an image by digest; refuses a tag, which may move. */
export function parseImage(text: string): string {
  if (/^\S+@sha256:[0-9a-f]{64}$/.test(text)) return text;
  throw new InvalidArgumentError(`Expected an image by digest, NAME@sha256:64 hex digits; found ${text}.`);
}

/** Parses increasing percentages up to 100. */
export function parseSteps(text: string): number[] {
  const steps = text.split(",").map(Number);
  const rises = steps.every((step, index) => Number.isInteger(step) && step > (steps[index - 1] ?? 0) && step <= 100);
  if (rises && steps.at(-1) === 100) return steps;
  throw new InvalidArgumentError("Expected increasing percentages that end with 100, such as 5,25,50,100.");
}

/** Parses a number of at least 0. */
export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Expected a number of at least 0.");
}
