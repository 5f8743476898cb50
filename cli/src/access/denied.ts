/** What `--may` asks is not permitted. */
export class Denied extends Error {
  override readonly name = "Denied";
}
