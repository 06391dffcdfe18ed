package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"asof/replay"
)

// A Seal keeps a log of what a store held, beside the store: tiles of leaf hashes
// (golang.org/x/mod/sumdb/tlog, height 8), the records of the leaves as data
// tiles, and a signed checkpoint. Each run first proves that what was sealed
// before is unchanged.
type Seal struct {
	Reader replay.Reader
	Key    *Key
}

// Sealed is what a run came to.
type Sealed struct {
	Log        string
	Findings   []Finding
	More       int64 // findings beyond those listed
	Before     int64 // leaves that were sealed before
	Size       int64 // that are sealed now
	Origin     string
	Root       string // in hexadecimal
	Checkpoint []byte // nil when nothing was sealed for what was found
}

// Run proves the sealed history and, if it is unchanged, seals what is new. dir
// is the folder of the log; it is made when it is not there.
func (s *Seal) Run(ctx context.Context, dir string) (*Sealed, error) {
	if i := s.Reader.Info(); !i.HasPositions {
		return nil, &replay.UnsupportedError{
			Dialect: i.Dialect, Lacks: "positions",
			Next: "without an order over the whole store it can't be told what is new; asof audit export seals it as it is",
		}
	}
	l, err := openLog(dir)
	if err != nil {
		return nil, err
	}
	v := &Verified{SinceSize: -1}
	old, err := l.checkpoint(s.Key, v)
	if err != nil {
		return nil, err
	}
	run := sealRun{Verified: v, log: l, sealer: newSealer(s.Key, nil), old: old}
	if err := run.store(ctx, s.Reader); err != nil {
		return nil, err
	}
	out := &Sealed{
		Log: dir, Findings: v.Findings, More: v.More, Before: old.Size, Size: old.Size,
		Origin: s.Key.Name(), Root: hexOf(old.Root), Checkpoint: l.text,
	}
	if len(v.Findings) > 0 {
		out.Checkpoint = nil
		return out, nil
	}
	root, err := run.tree.root()
	if err != nil {
		return nil, err
	}
	if run.tree.size > old.Size || l.text == nil {
		if err := run.write.flush(); err != nil {
			return nil, err
		}
		if out.Checkpoint, err = s.Key.checkpoint(&run.tree); err != nil {
			return nil, err
		}
		if err := l.publish(out.Checkpoint, run.tree.size); err != nil {
			return nil, err
		}
	}
	out.Size, out.Root = run.tree.size, hexOf(root)
	return out, nil
}

// A sealRun goes through the store and the log together.
type sealRun struct {
	*Verified
	log    *sealLog
	sealer *sealer
	old    *Checkpoint
	tree   tree
	write  tileWriter

	sealed  *Record // the record of the log at hand; nil at the end
	hash    tlog.Hash
	at      int64 // its leaf
	changed bool  // some leaf is not as it was sealed
}

// store seals every event, and compares those that were sealed before.
func (r *sealRun) store(ctx context.Context, reader replay.Reader) error {
	r.write = tileWriter{log: r.log, old: r.old.Size}
	records := r.log.records(r.old.Size)
	if err := r.next(records); err != nil {
		return err
	}
	q := inOrder(reader.Info())
	q.Stored = true
	for e, err := range reader.Events(ctx, q) {
		if err != nil {
			return err
		}
		l, err := r.sealer.seal(e, false)
		if err != nil {
			return err
		}
		if err := r.event(l, records); err != nil {
			return err
		}
	}
	return r.rest(records)
}

// event takes in one event of the store.
func (r *sealRun) event(l *leaf, records *recordReader) error {
	for r.sealed != nil && r.sealed.Position < l.record.Position {
		r.gone()
		if err := r.next(records); err != nil {
			return err
		}
	}
	if r.sealed != nil {
		switch {
		case r.sealed.Position > l.record.Position:
			r.changed = true
			r.find(Manipulated, "the store", l.record.Label(), "it stands at position %d, among what was sealed, and was not sealed", l.record.Position)
		default:
			if leafHash(l.text) != r.hash {
				r.changed = true
				r.differs(l)
			}
			if err := r.next(records); err != nil {
				return err
			}
		}
	}
	hs, err := r.tree.add(l.hash)
	if err != nil {
		return err
	}
	if r.tree.size == r.old.Size {
		root, err := r.tree.root()
		if err != nil {
			return err
		}
		if root != r.old.Root && !r.changed {
			r.find(Manipulated, "the seal log", "", "its records are those of the store, and its checkpoint is of others")
		}
	}
	if len(r.Findings) > 0 {
		return nil // nothing will be sealed
	}
	return r.write.add(hs, l.text)
}

// gone finds a sealed event that the store does not have any more.
func (r *sealRun) gone() {
	r.changed = true
	r.find(Missing, "the store", r.sealed.Label(), "it was sealed as leaf %d, at position %d, and is not there", r.at, r.sealed.Position)
}

// rest finds what was sealed and is beyond the end of the store.
func (r *sealRun) rest(records *recordReader) error {
	if r.sealed == nil {
		if r.tree.size < r.old.Size && len(r.Findings) == 0 {
			r.find(RolledBack, "the store", "", "it has %d events, and %d were sealed", r.tree.size, r.old.Size)
		}
		return nil
	}
	if !r.changed {
		r.find(RolledBack, "the store", r.sealed.Label(), "it ends before leaf %d of the %d that were sealed", r.at, r.old.Size)
		return nil
	}
	for r.sealed != nil {
		r.gone()
		if err := r.next(records); err != nil {
			return err
		}
	}
	return nil
}

// differs says what of an event is not as it was sealed.
func (r *sealRun) differs(l *leaf) {
	a, b := r.sealed, &l.record
	if a.Stream != b.Stream || a.Version != b.Version {
		r.find(Manipulated, "the store", b.Label(), "it stands where %s was sealed as leaf %d: renumbered or replaced", a.Label(), r.at)
		return
	}
	what := ""
	add := func(differs bool, name string) {
		if differs && what != "" {
			what += ", "
		}
		if differs {
			what += name
		}
	}
	add(string(a.Time) != string(b.Time), "time")
	add(a.Payload != b.Payload, "payload")
	add(a.Metadata != b.Metadata, "metadata")
	if what == "" {
		add(a.Fields != b.Fields, "type, id or another field")
	}
	if what == "" {
		add(a.Nth != b.Nth || a.Previous != b.Previous, "its place among the events of its stream")
		if what != "" && len(r.Findings) > 0 {
			return // it follows from what was found before
		}
	}
	if what == "" {
		r.find(Manipulated, "the seal log", fmt.Sprintf("leaf %d", r.at), "its record is not the one that its hash is of")
		return
	}
	r.find(Manipulated, "the store", b.Label(), "not as it was sealed as leaf %d: %s", r.at, what)
}

// next goes to the next sealed record.
func (r *sealRun) next(records *recordReader) error {
	rec, h, n, err := records.next()
	var bad *logError
	if errors.As(err, &bad) {
		r.find(bad.kind, "the seal log", bad.entry, "%v", bad.err)
		r.sealed, records.n = nil, records.size
		return nil
	}
	r.sealed, r.hash, r.at = rec, h, n
	return err
}

// A logError is something in the log that is not as it was written.
type logError struct {
	kind  Kind
	entry string
	err   error
}

func (e *logError) Error() string { return e.entry + ": " + e.err.Error() }

// A recordReader reads the records of the log with their hashes.
type recordReader struct {
	log     *sealLog
	n, size int64
	tile    int64
	hashes  []byte
	data    []byte
}

func (l *sealLog) records(size int64) *recordReader {
	return &recordReader{log: l, size: size, tile: -1}
}

func (r *recordReader) next() (*Record, tlog.Hash, int64, error) {
	var h tlog.Hash
	if r.n == r.size {
		return nil, h, r.n, nil
	}
	if t := r.n >> tileHeight; t != r.tile {
		if err := r.load(t); err != nil {
			return nil, h, r.n, err
		}
	}
	entry := "leaf " + strconv.FormatInt(r.n, 10)
	id, text, rest, err := tlog.ParseRecord(r.data)
	if err != nil || id != r.n {
		return nil, h, r.n, &logError{Unreadable, entry, errors.New("its data tile can't be read")}
	}
	rec, err := ParseRecord(text)
	if err != nil {
		return nil, h, r.n, &logError{Unreadable, entry, err}
	}
	copy(h[:], r.hashes[(r.n&(1<<tileHeight-1))*tlog.HashSize:])
	if leafHash(text) != h {
		return nil, h, r.n, &logError{Manipulated, entry, errors.New("its record is not the one that its hash is of")}
	}
	r.data = rest
	r.n++
	return rec, h, r.n - 1, nil
}

func (r *recordReader) load(t int64) error {
	w := min(r.size-t<<tileHeight, 1<<tileHeight)
	tile := tlog.Tile{H: tileHeight, L: 0, N: t, W: int(w)}
	var err error
	if r.hashes, err = r.log.read(tile); err == nil && len(r.hashes) != int(w)*tlog.HashSize {
		err = errors.New("it has not the size of a tile")
	}
	if err == nil {
		tile.L = -1
		r.data, err = r.log.read(tile)
	}
	r.tile = t
	switch {
	case errors.Is(err, os.ErrNotExist):
		return &logError{Missing, tile.Path(), err}
	case err != nil:
		return &logError{Unreadable, tile.Path(), err}
	}
	return nil
}
