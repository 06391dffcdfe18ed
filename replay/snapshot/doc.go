// Package snapshot keeps states from run to run, so that a second look at a long
// stream need not fold it from the start; and what scans of whole stores found, so
// that the next one need not fold every stream again.
//
// It is a cache: whatever is wrong with it costs time and never changes an
// answer. A [Cache] is a folder; a [Lane] in it is for one timeline under one
// fold, as read by one release of the program. A lane is a folder of files, one
// for each state kept. Files are written under another name and then renamed, so
// that any number of programs can share the cache, and be killed, at any time.
//
// A state is believed on one of two grounds. Either the store is, by its
// [replay.Fingerprint], the one for which the state was folded or proved. Or else
// the events up to the state are read again, without folding them, and their
// running hash ([replay.Chain], SHA-256) is the one that the state was saved with. A
// store that was rewritten, restored or cut short is found out that way, and what was
// kept of it is dropped. A checksum in each file tells damage.
//
// A [Scan] is a folder with one file: the last answer to one question about a
// store. It is believed on the same grounds. Whoever asks reads the events up to
// where it was found himself, for he reads them all anyway; here it is only said
// whether the store is the very same.
//
// Some things are not kept: what was decrypted, and states of folds that may depend
// on more than state and event (see [replay.Identifier]).
package snapshot
