// Package snapshot keeps states between runs, so that a long stream need not be
// folded from the start again. It also keeps results of scans of whole stores, so
// that the next scan need not fold every stream again.
//
// It is a cache: any fault in it costs time and never changes an answer. A [Cache]
// is a folder. [States] are a folder inside it, for one timeline under one fold, as
// read by one release of the program, with one file for each state. Files are
// written under a temporary name and then renamed, so any number of programs can
// share the cache and be killed at any time.
//
// With each state is kept what the events before it may have changed, from the state kept
// before it on (see [replay.Stretch]), and bounds of what the states since then had in them. A
// search for what set a value goes back along these and folds only what matters; a test leaves
// out states of which the bounds tell the result. It is as good as the state: the same proofs hold for both.
//
// A state is used only after one of two proofs. Either the store has the
// [replay.Fingerprint] for which the state was folded or proved before. Or the
// events up to the state are read again, without folding, and their running hash
// ([replay.Chain], SHA-256) equals the one saved with the state. This detects a
// store that was rewritten, restored or truncated, whose states are then dropped.
// A checksum in each file detects damage.
//
// A [Scan] is a folder with one file: the last answer to one question about a
// store. Its caller reads all events anyway and checks the hash up to the answer;
// this package only says whether the store's content is unchanged.
//
// Decrypted data is not kept, nor are states of folds that may depend on more than
// state and event (see [replay.Identifier]).
package snapshot
