// Package audit seals the history of an event store, so that an auditor who does
// not trust the owner can check an export without the owner and without the store.
//
// # Leaves
//
// Every event of the store becomes one leaf, exported or not. A leaf is a record
// of ten lines, each ended by a newline:
//
//	asof-leaf/2
//	position 616            place in the store, or - if it has none
//	stream "cart-42"        as a JSON string
//	version 1               place in the stream
//	nth 1                   place among the leaves of its stream, from 1
//	previous -              the previous leaf of its stream, or - for the first
//	time "2026-01-21T09:…"  as the store holds it, as a JSON string; or -
//	metadata 5f0c…          commitment to the metadata as stored; or -
//	payload 91d2…           commitment to the payload as stored; or -
//	fields a07e…            root over the commitments to each field
//
// Its hash is SHA-256(0x00 ‖ record). The hashes of all leaves, in the order of
// the store, form an RFC 6962 tree, and a [C2SP tlog-checkpoint] of it is signed as
// a note. A later event adds a leaf and changes none, so an older tree is a prefix
// of a newer one.
//
// # Commitments
//
// A commitment is the SHA-256 of three parts with a newline between them: its
// purpose, the salt as 32 hexadecimal digits, and the bytes:
//
//	asof-payload/1 ⏎ SALT ⏎ the payload as the store holds it
//	asof-metadata/1 ⏎ SALT ⏎ the metadata as the store holds it
//	asof-field/1 ⏎ SALT ⏎ "PATH" ⏎ VALUE
//
// PATH is a JSON pointer as a JSON string; VALUE is JSON, with numbers as they are
// written. The fields of an event are, in this order and if present: /id, /type,
// /category, /revision, /time, /actor, /correlation_id and /causation_id; then each
// scalar and each empty container of /metadata and of /data, with members sorted by
// key, bytewise. A container 32 levels down or with a path longer than 512 bytes is
// one field: JSON without white space and with sorted members. The commitments are
// the leaves of another RFC 6962 tree, whose root is in the record.
//
// Salts are derived from the signing key: a salt key by HKDF-SHA256 with the info
// "asof audit salts/1"; a secret for each event, HMAC-SHA256(salt key, stream ⏎
// version); and the salt, the first 16 bytes of HMAC-SHA256(secret, "payload"),
// "metadata" or "field" ⏎ PATH. The same key therefore gives the same bytes, and a
// value cannot be guessed from its commitment. An exported event comes with its
// secret. An event with a withheld field comes without it, with the salts of the
// remaining fields and the commitments to the withheld ones.
//
// # Erasure
//
// A bundle does not help to recover an erased value: guessing is no easier with it.
// The bundle leaves out the value's salt, and every stored payload that contains
// the value, even one that the store shares between several events. An erased
// container is listed without the names in it, and names erased by a pattern are
// listed as the pattern. The store's file is committed to with a salt, like
// everything else. The number of values in an erased container remains visible. A
// note says where the value also occurs in another text, number, name or stream. An
// earlier export that has the value keeps it.
//
// # The owner is the adversary
//
// The owner of the store has the key and can sign anything. An auditor asks whether
// the owner hid something, so the signature proves only who answers for a bundle. A
// checkpoint that somebody else keeps binds the owner: an export that was handed
// out, or a witness of the seal log. From then on the leaves up to it cannot be
// changed, and each leaf records its place in its stream and the leaf before it.
//
// The bundle alone reveals an owner with the right key who
//
//   - leaves out an event at the start, in the middle or at the end of an exported
//     stream, or a whole stream that no filter leaves out: the records say how long
//     each stream is, and the lengths add up to the tree;
//   - leaves out events by another filter than the report names;
//   - edits an event, its payload, its metadata or any other part of it;
//   - changes a length, a count, a total, a list of anomalies, a sum or a key that
//     the bundle states twice;
//   - adds changes of events that are not exported, or states that the changes do
//     not lead to.
//
// A checkpoint kept elsewhere (verify --since, seal --witness) also reveals that
// history was sealed again without an event, with another payload or in another
// order. Two consecutive exports also show whether a period left out events that it
// should not: the nth of the first event of the later one follows the nth of the
// last event of the earlier one.
//
// Nothing here can show
//
//   - that an event was true when it was recorded, or that it was recorded at all
//     before the first checkpoint;
//   - that an event added later bears the right date;
//   - the contents of events that are not exported and of withheld fields;
//   - which of the events before the first exported one belong to a period;
//   - that the states are what the projection makes of the events, unless it is run
//     again, or which streams a projection is made for;
//   - statements of the report that are not about the events: the name of the
//     store, what the store hides from asof, the command, the date, the versions,
//     the reasons for withholding, and README.txt after its first lines.
//
// In short, a bundle shows that the events are the sealed ones, complete, in order
// and unchanged since the first checkpoint that was kept elsewhere. It does not
// show that they were true when they were written.
//
// [C2SP tlog-checkpoint]: https://c2sp.org/tlog-checkpoint
package audit
