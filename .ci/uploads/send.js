// Sends files by tus-js-client, all at once, and goes on until every one has arrived.
//   send.js ENDPOINT TOKEN, and on standard input a list of {"id", "path", "sha256"}
import { readFile } from "node:fs/promises";
import { Upload } from "tus-js-client";

const [endpoint, token] = process.argv.slice(2);
let input = "";
for await (const chunk of process.stdin) input += chunk;

const send = async ({ id, path, sha256 }, index) => {
  const bytes = await readFile(path);
  await new Promise((resolve, reject) => {
    new Upload(bytes, {
      endpoint,
      headers: { Authorization: `Bearer ${token}` },
      metadata: { attachment_id: id, filename: `фото ${index}.jpg`, filetype: "image/jpeg", sha256 },
      // Half of them in one go, half in chunks; some with their first bytes in the creation.
      chunkSize: index % 2 ? 150_000 : Infinity,
      uploadDataDuringCreation: index % 3 === 0,
      retryDelays: Array(200).fill(100),
      onError: reject,
      onSuccess: resolve,
    }).start();
  });
};

await Promise.all(JSON.parse(input).map(send));
