// Package audit seals the history of an event store, so that somebody who does
// not trust us can check what we hand out, without us and without the store.
//
// # Leaves
//
// Every event of the store becomes one leaf, whether it is exported or not. A
// leaf is a record of eight lines, each ended by a newline:
//
//	asof-leaf/1
//	position 616            place in the store, or - where it has none
//	stream "cart-42"        as a JSON string
//	version 1               place in the stream
//	time "2026-01-21T09:…"  as the store holds it, as a JSON string; or -
//	metadata 5f0c…          commitment to the metadata as stored; or -
//	payload 91d2…           commitment to the payload as stored; or -
//	fields a07e…            root over the commitments to each field
//
// Its hash is SHA-256(0x00 ‖ record), and the hashes of all leaves, in the order
// of the store, are the RFC 6962 tree of which a [C2SP tlog-checkpoint] is signed
// as a note. An event that is added later adds a leaf and changes none, so an
// older tree is a prefix of a newer one.
//
// # Commitments
//
// A commitment is the SHA-256 of three parts with a newline between them: what it
// is for, the salt as 32 hexadecimal digits, and the bytes:
//
//	asof-payload/1 ⏎ SALT ⏎ the payload as the store holds it
//	asof-metadata/1 ⏎ SALT ⏎ the metadata as the store holds it
//	asof-field/1 ⏎ SALT ⏎ "PATH" ⏎ VALUE
//
// where PATH is a JSON pointer as a JSON string and VALUE is JSON, numbers as they
// are written. The fields of an event are, in this order and where there is one:
// /id, /type, /category, /revision, /time, /actor, /correlation_id and
// /causation_id; then each scalar and each empty container of /metadata and of
// /data, members by key byte by byte. A container 32 levels down or with a path
// longer than 512 bytes is one field, as JSON without white space and with sorted
// members. The commitments are the leaves of a tree as above, and its root is in
// the record.
//
// Salts come from the signing key: a salt key by HKDF-SHA256 with the info
// "asof audit salts/1"; a secret of each event, HMAC-SHA256(salt key, stream ⏎
// version); and from it HMAC-SHA256(secret, "payload"), "metadata" or "field" ⏎
// PATH, of which the first 16 bytes are the salt. So the same key gives the same
// bytes, and a value can't be guessed from its commitment. An exported event is
// handed out with its secret. One with a field withheld is not: it comes with the
// salts of what is left, and the commitments of what is gone.
//
// # What is proved
//
// That the events are those that were sealed, whole, in order and unchanged since
// the first checkpoint that was kept elsewhere. Not that they were true when they
// were written.
//
// [C2SP tlog-checkpoint]: https://c2sp.org/tlog-checkpoint
package audit
