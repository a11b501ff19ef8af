// @ts-check
// Which of some chosen files the server would not take for its size.

const MIB = 1024 * 1024;
const AT_ONCE = 3; // files of the largest size that the server reads with one form

/**
 * The sentence that says why files are not taken; nothing when they are.
 * @param {{ name: string, size: number }[]} files
 * @param {number} most MB of one file
 * @param {number} before bytes of the files that other fields of the form send
 */
export function refusedFile(files, most, before) {
  const empty = files.find((file) => !file.size);
  if (empty) return { key: "file_empty", facts: { name: empty.name } };
  const large = files.find((file) => file.size > most * MIB);
  if (large) return { key: "file_large", facts: { name: large.name, size: Math.ceil(large.size / MIB), most } };
  const all = files.reduce((sum, file) => sum + file.size, before);
  return all > AT_ONCE * most * MIB ? { key: "files_large", facts: { most } } : undefined;
}
