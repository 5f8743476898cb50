import { readFileSync } from "node:fs";
import { InvalidArgumentError } from "commander";

/** An image as the command line names it: itself, or by the file that `npm run push-image` writes. */
export interface ImageFlags {
  readonly image?: string;
  readonly imageFile?: string;
}

/** The image by digest; throws what commander prints. */
export function imageOf({ image, imageFile }: ImageFlags): string {
  if (image !== undefined) return image;
  if (imageFile === undefined) throw new InvalidArgumentError("Say which image with --image or --image-file.");
  return parseImage(readImageFile(imageFile));
}

function readImageFile(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new InvalidArgumentError(`The file with the image cannot be read (${(error as Error).message}).`);
  }
}

/** Takes an image by digest: a tag may mean another one tomorrow. */
export function parseImage(text: string): string {
  if (/^\S+@sha256:[0-9a-f]{64}$/.test(text)) return text;
  throw new InvalidArgumentError(`Expected an image by digest, NAME@sha256:64 hex digits; found ${text}.`);
}

/** Takes percents of the traffic that rise to 100. */
export function parseSteps(text: string): number[] {
  const steps = text.split(",").map(Number);
  const rises = steps.every((step, index) => Number.isInteger(step) && step > (steps[index - 1] ?? 0) && step <= 100);
  if (rises && steps.at(-1) === 100) return steps;
  throw new InvalidArgumentError("Expected rising percents that end with 100, such as 5,25,50,100.");
}

/** Takes a number from 0. */
export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Expected a number, 0 or more.");
}
