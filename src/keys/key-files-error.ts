/** The key files are not fit for use. The message says what is wrong and what to do; it never contains a key. */
export class KeyFilesError extends Error {
  override readonly name = 'KeyFilesError';
}
