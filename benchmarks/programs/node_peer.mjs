// Google's Node client at the work that own_client.py does; prints its speed as JSON.
//
// `node node_peer.mjs FOLDER TURN COMMITS CHANGES COUNT…`, FIRESTORE_EMULATOR_HOST set; the client is
// installed in FOLDER.

import { createRequire } from "node:module";
import { resolve } from "node:path";

const [folder, ...numbers] = process.argv.slice(2);
const [turn, commits, changes, ...counts] = numbers.map(Number);
const { FieldValue, Firestore } = createRequire(`${resolve(folder)}/`)("@google-cloud/firestore");

const store = new Firestore({ projectId: "bench" });
const threads = store.collection("threads").orderBy("lastMessageAt", "desc");

/** Copy the documents below a folder, commit after commit; return documents a second. */
async function write(documents, folder, commits) {
  const began = performance.now();
  for (let number = 0; number < commits; number++) {
    const below = store.collection(`runs/${folder}-${number}/threads`);
    const batch = store.batch();
    for (const { id, data } of documents) batch.set(below.doc(id), data);
    await batch.commit();
  }
  return (commits * documents.length * 1000) / (performance.now() - began);
}

/** Change watched documents one after the other; return ms from each call to its callback. */
async function listen(documents, changes) {
  let onSnapshot;
  const until = (isTold) =>
    new Promise((resolve, reject) => {
      onSnapshot = (snapshot, error) => {
        if (error) reject(error);
        else if (isTold(snapshot)) resolve(performance.now());
      };
    });
  const complete = until((snapshot) => snapshot.size >= documents.length);
  const stop = threads
    .where("lastMessageAt", ">=", documents.at(-1).data.lastMessageAt)
    .onSnapshot(
      (snapshot) => onSnapshot(snapshot),
      (error) => onSnapshot(null, error),
    );
  await complete;
  const took = [];
  for (let number = 0; number < changes; number++) {
    const { id, ref } = documents[number % documents.length];
    const change = { unreadCount: FieldValue.increment(1) };
    const began = performance.now();
    const [told] = await Promise.all([
      until((snapshot) => snapshot.docChanges().some((one) => one.doc.id === id)),
      ref.update(change),
    ]);
    took.push(told - began);
  }
  stop();
  return took;
}

const found = await threads.get();
const documents = found.docs.map((one) => ({ id: one.id, ref: one.ref, data: one.data() }));
let rate, latency;
// Twice, to be warm: only the second time counts.
for (const heat of ["cold", "warm"]) {
  rate = await write(documents, `${turn}-${heat}`, commits);
  latency = [];
  for (const count of counts) latency.push(await listen(documents.slice(0, count), changes));
}
console.log(JSON.stringify({ rate, latency }));
await store.terminate();
