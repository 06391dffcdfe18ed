package audit

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"asof/replay"
	"asof/replay/fault"
)

// A Seal maintains a transparency log next to a store: tiles of leaf hashes
// (golang.org/x/mod/sumdb/tlog, height 8), the records of the leaves as data tiles,
// and a signed checkpoint. Each run first proves that the sealed events are
// unchanged.
type Seal struct {
	Reader replay.Reader
	Key    *Key

	// Witness is a file with the newest checkpoint, kept out of reach of those who can
	// write to the log: a log that was started over or rolled back does not continue
	// it. It is created if it does not exist. Empty: no witness.
	Witness string
}

// Sealed is the result of a run.
type Sealed struct {
	Log        string
	Findings   []Finding
	More       int64 // findings beyond those listed
	Before     int64 // leaves sealed by earlier runs
	Size       int64 // leaves sealed now
	Origin     string
	Root       string // in hexadecimal
	Checkpoint []byte // nil if findings kept the run from sealing
}

// Run checks the sealed history and, if it is unchanged, seals the new events. dir is
// the folder of the log; it is created if it does not exist.
func (s *Seal) Run(ctx context.Context, dir string) (*Sealed, error) {
	if i := s.Reader.Info(); !i.Has("positions") {
		return nil, &replay.UnsupportedError{
			Dialect: i.Dialect, Lacks: "positions",
			Next: fault.Try("without an order over the whole store, new events cannot be identified; seal it as it is").By("audit export"),
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
	if err := s.witness(l, old, v); err != nil {
		return nil, err
	}
	if l.orphaned != "" {
		v.find(Missing, sealLogName, sealCheckpoint, "it is missing, but %s exists: restore it from a backup", l.orphaned)
		return &Sealed{Log: dir, Findings: v.Findings, Origin: s.Key.Name(), Root: hexOf(old.Root)}, nil
	}
	run := sealRun{Verified: v, log: l, sealer: newSealer(s.Key, nil), old: old, roots: map[int64]tlog.Hash{}}
	run.write.begin = s.begin(l)
	if err := run.store(ctx, s.Reader); err != nil {
		return nil, err
	}
	if err := run.checkLog(); err != nil {
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
	return out, s.publish(&run, out)
}

// publish signs and writes the checkpoint of the new tree.
func (s *Seal) publish(run *sealRun, out *Sealed) error {
	l := run.log
	root, err := run.tree.root()
	if err != nil {
		return err
	}
	out.Size, out.Root = run.tree.size, hexOf(root)
	if run.tree.size > run.old.Size || l.text == nil {
		if out.Checkpoint, err = s.Key.checkpoint(&run.tree); err != nil {
			return err
		}
		if err := l.publish(out.Checkpoint, run.tree.size); err != nil {
			return err
		}
	}
	return s.updateWitness(out.Checkpoint)
}

// begin writes a checkpoint of no leaves to a new log before its first tile. An
// interrupted run therefore never leaves tiles without a checkpoint.
func (s *Seal) begin(l *sealLog) func() error {
	return func() error {
		if l.text != nil {
			return nil
		}
		text, err := s.Key.checkpoint(&tree{})
		if err != nil {
			return err
		}
		l.text = text
		return l.write(sealCheckpoint, text)
	}
}

// A sealRun reads the store and the log side by side.
type sealRun struct {
	*Verified
	log    *sealLog
	sealer *sealer
	old    *Checkpoint
	tree   tree
	write  tileWriter

	sealed  *Record   // the current record of the log; nil at the end
	hash    tlog.Hash // of sealed
	at      int64     // leaf of sealed
	changed bool      // some leaf differs from the sealed one

	roots map[int64]tlog.Hash // at the sizes of earlier checkpoints
}

// store seals every event and compares the sealed ones with the log.
func (r *sealRun) store(ctx context.Context, reader replay.Reader) error {
	r.write.log, r.write.old, r.write.find = r.log, r.old.Size, r.find
	for _, e := range r.log.earlier {
		r.roots[e.size] = tlog.Hash{}
	}
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

// event processes one event of the store.
func (r *sealRun) event(l *leaf, records *recordReader) error {
	for r.sealed != nil && r.sealed.Position < l.record.Position {
		r.findGone()
		if err := r.next(records); err != nil {
			return err
		}
	}
	if r.sealed != nil {
		switch {
		case r.sealed.Position > l.record.Position:
			r.changed = true
			r.find(Manipulated, "the store", l.record.Label(), "position %d is within the sealed events, but this event was not sealed", l.record.Position)
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
	if err := r.mark(); err != nil {
		return err
	}
	if r.tree.size == r.old.Size {
		root, err := r.tree.root()
		if err != nil {
			return err
		}
		if root != r.old.Root && !r.changed {
			r.find(Manipulated, sealLogName, "", "its records match the store, but not its checkpoint")
		}
	}
	if len(r.Findings) > 0 {
		return nil // nothing will be sealed
	}
	return r.write.add(hs, l.text)
}

// mark stores the root if the tree has the size of an earlier checkpoint.
func (r *sealRun) mark() error {
	if _, wanted := r.roots[r.tree.size]; !wanted {
		return nil
	}
	root, err := r.tree.root()
	r.roots[r.tree.size] = root
	return err
}

// checkLog checks that the rest of the log, its tiles and earlier checkpoints,
// matches the tree of the store.
func (r *sealRun) checkLog() error {
	if len(r.Findings) > 0 {
		return nil
	}
	for _, e := range r.log.earlier {
		if e.size > 0 && r.roots[e.size] != e.root {
			r.find(Manipulated, sealLogName, e.name, "it does not match the first %d leaves of this history", e.size)
		}
	}
	if len(r.Findings) > 0 {
		return nil
	}
	r.write.complete()
	if err := r.write.beyond(r.tree.size); err != nil || len(r.Findings) > 0 {
		return err
	}
	return r.write.flush()
}

// findGone reports a sealed event that the store no longer has.
func (r *sealRun) findGone() {
	r.changed = true
	r.find(Missing, "the store", r.sealed.Label(), "it was sealed as leaf %d, at position %d, and is missing", r.at, r.sealed.Position)
}

// rest reports sealed events beyond the end of the store.
func (r *sealRun) rest(records *recordReader) error {
	if r.sealed == nil {
		if r.tree.size < r.old.Size && len(r.Findings) == 0 {
			r.find(RolledBack, "the store", "", "it has %s, but %s sealed", replay.Counted(r.tree.size, "event", "events"), replay.Counted(r.old.Size, "was", "were"))
		}
		return nil
	}
	if !r.changed {
		r.find(RolledBack, "the store", r.sealed.Label(), "it ends before leaf %d of the %d that were sealed", r.at, r.old.Size)
		return nil
	}
	for r.sealed != nil {
		r.findGone()
		if err := r.next(records); err != nil {
			return err
		}
	}
	return nil
}

// differs reports which parts of an event differ from the sealed ones.
func (r *sealRun) differs(l *leaf) {
	a, b := r.sealed, &l.record
	if a.Stream != b.Stream || a.Version != b.Version {
		r.find(Manipulated, "the store", b.Label(), "%s was sealed here as leaf %d: renumbered or replaced", a.Label(), r.at)
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
		add(a.Nth != b.Nth || a.Previous != b.Previous, "the number in its stream")
		if what != "" && len(r.Findings) > 0 {
			return // a consequence of an earlier finding
		}
	}
	if what == "" {
		r.find(Manipulated, sealLogName, fmt.Sprintf("leaf %d", r.at), "its record does not match its hash")
		return
	}
	r.find(Manipulated, "the store", b.Label(), "differs from sealed leaf %d: %s", r.at, what)
}

// next reads the next sealed record.
func (r *sealRun) next(records *recordReader) error {
	rec, h, n, err := records.next()
	var bad *logError
	if errors.As(err, &bad) {
		r.find(bad.kind, sealLogName, bad.entry, "%v", bad.err)
		r.sealed, records.n = nil, records.size
		return nil
	}
	r.sealed, r.hash, r.at = rec, h, n
	return err
}
