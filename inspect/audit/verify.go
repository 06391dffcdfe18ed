package audit

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"asof/replay"
	"asof/replay/fault"
)

// Kind is a kind of finding.
type Kind string

// The kinds.
const (
	Manipulated Kind = "manipulated" // differs from what was signed or sealed
	Missing     Kind = "missing"     // required, but does not exist
	Gap         Kind = "gap"         // an event is missing between others of its stream
	RolledBack  Kind = "rolled_back" // older than the rest
	WrongKey    Kind = "wrong_key"   // signed by another key than the given one
	Unreadable  Kind = "unreadable"  // cannot be read, or is not in the right format
)

// A Finding is one defect of a bundle or of a seal log.
type Finding struct {
	Kind  Kind
	File  string // in the bundle or in the seal log
	Entry string // the line, leaf or event; empty for the whole file
	What  string
}

// VerifyOptions are the options of [Verify] and [VerifyProof].
type VerifyOptions struct {
	Key   Verifier // nil: the signer is unknown, and the result says so
	Since []byte   // an earlier checkpoint that this history must continue; nil: none

	// Selects returns the filter for the patterns in a report; nil: filters are not
	// checked.
	Selects func(streams, categories []string) (func(replay.StreamID, string) bool, error)
}

// Verified is the result of verifying a bundle.
type Verified struct {
	Path     string
	Findings []Finding
	More     int64    // findings beyond those listed
	Skipped  []string // checks that could not be made; the verdict is then at best incomplete
	Limits   []string // what no bundle can show

	Events, Store, Streams int64
	Withheld               int64 // withheld fields
	Origin, Root           string
	SinceSize              int64 // leaves of the earlier checkpoint; -1 without one
}

// Verdict returns "findings", "incomplete" if something could not be checked, or
// "sound".
func (v *Verified) Verdict() string {
	switch {
	case len(v.Findings) > 0:
		return "findings"
	case len(v.Skipped) > 0:
		return "incomplete"
	}
	return "sound"
}

// Clean reports whether everything was checked and nothing was found.
func (v *Verified) Clean() bool { return len(v.Findings) == 0 && len(v.Skipped) == 0 }

// maxFindings is the maximum number of listed findings; all are counted.
const maxFindings = 10_000

func (v *Verified) find(kind Kind, file, entry, format string, a ...any) {
	if len(v.Findings) == maxFindings {
		v.More++
		return
	}
	v.Findings = append(v.Findings, Finding{kind, clip(file), clip(entry), clip(fmt.Sprintf(format, a...))})
}

// clip truncates a text that comes from a bundle.
func clip(s string) string {
	const most = 1 << 10
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

func (v *Verified) skip(format string, a ...any) {
	v.Skipped = append(v.Skipped, fmt.Sprintf(format, a...))
}

// A verification is one run of [Verify].
type verification struct {
	*Verified
	o          VerifyOptions
	dir        string
	key        note.Verifier // the given key or, without one, the bundle's own
	names      map[string]bool
	listed     map[string]fileSum // the files in the manifest
	redacted   bool               // the bundle has a file of redactions
	checkpoint *Checkpoint
	report     *reportFacts
	streams    map[replay.StreamID]*claimedStream
	heads      map[int64]head // by leaf
	observer   observer
	seed       maphash.Seed // of the digests

	highestLeaf int64 // of the heads
	highest     replay.Position
}

// Verify checks a bundle, using only the bundle and the key. Defects of the bundle
// are findings; an error means that the check could not run.
func Verify(ctx context.Context, dir string, o VerifyOptions) (*Verified, error) {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = errors.New("it is not a folder")
	}
	if err != nil {
		return nil, &replay.StoreError{Path: dir, Op: "verify", Err: bareError(err), Next: fault.Try("name the folder of an export, or the file of a proof").By("audit export").With("out")}
	}
	if _, err := os.Lstat(filepath.Join(dir, "tile")); err == nil {
		return nil, &replay.StoreError{Path: dir, Op: "verify", Err: errors.New("it is a seal log, not an export"), Next: fault.Try("prove it against its store").By("audit seal").With("log")}
	}
	if !isBundle(dir) {
		return nil, &replay.StoreError{Path: dir, Op: "verify", Err: errors.New("it has none of the files of an audit export"), Next: fault.Try("name the folder of an export").By("audit export").With("out")}
	}
	v := &verification{
		Verified: &Verified{Path: dir, SinceSize: -1}, o: o, dir: dir, key: o.Key, names: map[string]bool{},
		streams: map[replay.StreamID]*claimedStream{}, heads: map[int64]head{},
		observer: newObserver(), seed: maphash.MakeSeed(), highest: replay.NoPosition,
	}
	for _, step := range []func(context.Context) error{
		v.files, v.readCheckpoint, v.readReport, v.repeated, v.readStreams, v.leaves, v.states,
	} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	if o.Key == nil {
		v.skip("who signed it: no verifier key was given")
	}
	return v.Verified, nil
}

// isBundle reports whether a folder has any file of a bundle.
func isBundle(dir string) bool {
	for _, name := range append([]string{fileManifest, fileSignature}, listed...) {
		if _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(name))); err == nil {
			return true
		}
	}
	return false
}

// path returns the path of a file of the bundle.
func (v *verification) path(name string) string {
	return filepath.Join(v.dir, filepath.FromSlash(name))
}

func (v *verification) readCheckpoint(context.Context) error {
	if v.key == nil || !v.names[fileCheckpoint] {
		return nil // already reported
	}
	text, err := readSmall(v.path(fileCheckpoint), maxCheckpoint)
	if err != nil {
		v.find(Unreadable, fileCheckpoint, "", "%v", err)
		return nil
	}
	c, err := OpenCheckpoint(text, v.key)
	switch {
	case errors.Is(err, errWrongKey):
		v.find(WrongKey, fileCheckpoint, "", "%v", err)
	case err != nil:
		v.find(Manipulated, fileCheckpoint, "", "%v", err)
	default:
		v.checkpoint = c
		v.Origin, v.Root = c.Origin, hexOf(c.Root)
	}
	return nil
}

// history compares the tree of the leaf hashes with the checkpoint. at has the roots
// of smaller trees, by size.
func (v *verification) history(size int64, root tlog.Hash, at map[int64]tlog.Hash) {
	c := v.checkpoint
	if c == nil {
		return // already reported
	}
	switch {
	case size < c.Size:
		v.find(Missing, fileTree, fmt.Sprintf("leaf %d", size), "it has %d of the %d leaves in the checkpoint", size, c.Size)
	case size > c.Size && at[c.Size] == c.Root:
		v.find(RolledBack, fileCheckpoint, "", "it covers the first %d of %d leaves: an older checkpoint of this history", c.Size, size)
	case size > c.Size:
		v.find(Manipulated, fileCheckpoint, "", "it covers %s, and %s has %d that do not start with them", replay.Counted(c.Size, "leaf", "leaves"), fileTree, size)
	case root != c.Root:
		v.find(Manipulated, fileTree, "", "the root of the checkpoint is not that of its %s", replay.Counted(size, "leaf", "leaves"))
	}
}

// since checks that this history continues an earlier checkpoint.
func (v *verification) since(size int64, at map[int64]tlog.Hash, c *Checkpoint) {
	switch {
	case c == nil:
	case c.Size > size:
		v.find(RolledBack, fileTree, "", "the earlier checkpoint has %s, but this export has %d", replay.Counted(c.Size, "leaf", "leaves"), size)
	case at[c.Size] != c.Root:
		v.find(Manipulated, fileTree, fmt.Sprintf("leaves 0 to %d", c.Size-1), "they do not match the earlier checkpoint: history was changed since")
	}
}

// openSince reads the earlier checkpoint, if one was given.
func (v *verification) openSince() *Checkpoint {
	if v.o.Since == nil || v.key == nil {
		return nil
	}
	if v.report != nil && v.report.noPositions {
		v.skip("the earlier checkpoint: this store has no order over all events, so no export continues another")
		return nil
	}
	c, err := OpenCheckpoint(v.o.Since, v.key)
	switch {
	case errors.Is(err, errWrongKey):
		v.find(WrongKey, "the earlier checkpoint", "", "%v", err)
		return nil
	case err != nil:
		v.find(Unreadable, "the earlier checkpoint", "", "%v", err)
		return nil
	}
	v.SinceSize = c.Size
	return c
}
