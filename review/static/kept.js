// What the browser keeps of what is typed, until the server has it, in books of entries. Each entry is written twice, since
// neither place survives everything: localStorage has it at once, whatever becomes of the tab, but Chromium writes that out
// some seconds later, and a browser that is killed before has lost it; IndexedDB reaches the system within milliseconds, but
// a tab that closes at that moment takes the write with it. The newer of both is what was typed last.

const STORE = "typed";
const MOST = 50; // entries of a book, those that were taken away among them

const SOON = 2000; // milliseconds; nobody waits longer for a database that does not open

const database = new Promise((resolve, reject) => {
  setTimeout(reject, SOON);
  const request = indexedDB.open("qosmatin", 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
database.catch(() => {}); // a browser that has none has the other place

function inTab(book) {
  try {
    return JSON.parse(localStorage.getItem(book)) ?? {};
  } catch {
    return {};
  }
}

// The newer entries of two, in the order of their times.
function newer(one, other) {
  const all = { ...one };
  for (const [key, entry] of Object.entries(other)) if (!(all[key]?.at > entry.at)) all[key] = entry;
  return Object.fromEntries(Object.entries(all).sort(([, a], [, b]) => a.at - b.at).slice(-MOST));
}

let waiting = {};
let writing = null;

// Write what waits, all of it in one transaction; what comes meanwhile is in the next.
async function write() {
  try {
    while (Object.keys(waiting).length) {
      const books = waiting;
      waiting = {};
      const transaction = (await database).transaction(STORE, "readwrite");
      const store = transaction.objectStore(STORE);
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
        for (const [book, entries] of Object.entries(books)) {
          const request = store.get(book);
          request.onsuccess = () => store.put(newer(request.result ?? {}, entries), book);
        }
      });
    }
  } catch {
    // No room, or not allowed: the other place has it.
  } finally {
    writing = null;
  }
}

// Keep a value under a key of a book; null takes it away. The promise is fulfilled once it outlives a kill.
export function keep(book, key, value) {
  const before = inTab(book);
  const entry = { at: Math.max(Date.now(), (before[key]?.at ?? 0) + 1), value };
  try {
    localStorage.setItem(book, JSON.stringify(newer(before, { [key]: entry })));
  } catch {
    // No room, or not allowed: the page itself still has it.
  }
  waiting[book] = { ...waiting[book], [key]: entry };
  writing ??= write();
  return writing;
}

// Give what is kept in a book when this is asked, by its keys.
export async function kept(book) {
  const here = inTab(book);
  let written = {};
  try {
    const store = (await database).transaction(STORE).objectStore(STORE);
    written = await new Promise((resolve, reject) => {
      const request = store.get(book);
      request.onsuccess = () => resolve(request.result ?? {});
      request.onerror = () => reject(request.error);
    });
  } catch {
    // The other place alone.
  }
  const entries = Object.entries(newer(here, written)).filter(([, entry]) => entry.value !== null);
  return Object.fromEntries(entries.map(([key, entry]) => [key, entry.value]));
}
