// Package audit seals the history of an event store, so that somebody who does
// not trust us can check what we hand out, without us and without the store.
//
// # Leaves
//
// Every event of the store becomes one leaf, whether it is exported or not. A
// leaf is a record of ten lines, each ended by a newline:
//
//	asof-leaf/2
//	position 616            place in the store, or - where it has none
//	stream "cart-42"        as a JSON string
//	version 1               place in the stream
//	nth 1                   place among the leaves of its stream, from 1
//	previous -              the leaf before it in its stream, or - for the first
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
// # Erasure
//
// From all that is in a bundle, an erased value can't be recovered better than by
// guessing. Its salt is not there; a stored payload in which it stands is not there
// either, also where the store keeps several events in it and the value is of
// another; what is erased as a whole is listed without the names in it, and names
// that a pattern erased are listed as the pattern; and the store's file is
// committed to with a salt, as everything is. How many values an erased container
// had can be seen. Where the value stands in another text, number, name or stream,
// a note says so. An earlier export that has the value keeps it.
//
// # The owner is the adversary
//
// Whoever has the store has the key, and signs what they like. An auditor asks
// whether the owner hid something, so the signature proves only who answers for a
// bundle. What binds the owner is a checkpoint that somebody else keeps: an export
// that was handed out, or a witness of the seal log. From then on the leaves up to
// it can't be changed, and each says which place it has in its stream and which
// leaf came before it there.
//
// What an owner with the right key can't do unseen, with the bundle alone:
//
//   - leave out an event of an exported stream, at its start, in its midst or at
//     its end, or a whole stream that no filter leaves out: the records say how
//     long each stream is, and the lengths add up to the tree;
//   - leave out events by another filter than the report names;
//   - edit an event, its payload, its metadata, or what it says besides;
//   - change a length, a count, a total, a list of anomalies, a sum or a key that
//     the bundle says twice;
//   - give changes of other events than are exported, or states that the changes do
//     not lead to.
//
// What needs a checkpoint kept elsewhere (verify --since, seal --witness): to find
// that history was sealed anew without an event, with another payload, in another
// order. Two exports in a row also show whether a period left out events that it
// should not: the nth of the first event of one follows that of the last of the
// other.
//
// What nothing in here can show: that an event was true when it was recorded, or
// was recorded at all before the first checkpoint; that an event added later bears
// the right date; what is in events that are not exported, or fields that are
// withheld; which of the events before the first exported one a period should have
// taken; that states are what the projection makes of the events, unless it is run
// again; and what a report says that is not about the events: the name of the
// store, what the store hides from asof, the command, the date, the versions, the
// reasons for withholding, the prose of README.txt after its first lines.
//
// In short: that the events are those that were sealed, whole, in order and
// unchanged since the first checkpoint that was kept elsewhere. Not that they were
// true when they were written.
//
// [C2SP tlog-checkpoint]: https://c2sp.org/tlog-checkpoint
package audit
