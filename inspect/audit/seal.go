package audit

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"asof/replay"
	"asof/replay/fault"
)

// A Seal keeps a log of what a store held, beside the store: tiles of leaf hashes
// (golang.org/x/mod/sumdb/tlog, height 8), the records of the leaves as data
// tiles, and a signed checkpoint. Each run first proves that what was sealed
// before is unchanged.
type Seal struct {
	Reader replay.Reader
	Key    *Key

	// Witness is a file with the newest checkpoint, kept where whoever can write to
	// the log can't: a log that was started anew or rolled back does not continue
	// it. It is made when it is not there. Empty is none.
	Witness string
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
			Next: fault.Try("without an order over the whole store it can't be told what is new; seal it as it is").By("audit export"),
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
		v.find(Missing, sealLogName, sealCheckpoint, "it is not there, and %s is: restore it from where you keep copies", l.orphaned)
		return &Sealed{Log: dir, Findings: v.Findings, Origin: s.Key.Name(), Root: hexOf(old.Root)}, nil
	}
	run := sealRun{Verified: v, log: l, sealer: newSealer(s.Key, nil), old: old, roots: map[int64]tlog.Hash{}}
	run.write.begin = s.begin(l)
	if err := run.store(ctx, s.Reader); err != nil {
		return nil, err
	}
	if err := run.logFits(); err != nil {
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

// publish signs what is new.
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
	return s.tellWitness(out.Checkpoint)
}

// begin signs a checkpoint of no leaves in a new log, so that tiles without a
// checkpoint are never what a run that was cut off has left.
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

	roots map[int64]tlog.Hash // at the sizes of earlier checkpoints
}

// store seals every event, and compares those that were sealed before.
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
	if err := r.mark(); err != nil {
		return err
	}
	if r.tree.size == r.old.Size {
		root, err := r.tree.root()
		if err != nil {
			return err
		}
		if root != r.old.Root && !r.changed {
			r.find(Manipulated, sealLogName, "", "its records are those of the store, and its checkpoint is of others")
		}
	}
	if len(r.Findings) > 0 {
		return nil // nothing will be sealed
	}
	return r.write.add(hs, l.text)
}

// mark keeps the root at the size of an earlier checkpoint.
func (r *sealRun) mark() error {
	if _, wanted := r.roots[r.tree.size]; !wanted {
		return nil
	}
	root, err := r.tree.root()
	r.roots[r.tree.size] = root
	return err
}

// logFits checks that what the log holds beside the records fits the tree that the
// store makes.
func (r *sealRun) logFits() error {
	if len(r.Findings) > 0 {
		return nil
	}
	for _, e := range r.log.earlier {
		if e.size > 0 && r.roots[e.size] != e.root {
			r.find(Manipulated, sealLogName, e.name, "it is of another history than the first %d leaves of this one", e.size)
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
		r.find(Manipulated, sealLogName, fmt.Sprintf("leaf %d", r.at), "its record is not the one that its hash is of")
		return
	}
	r.find(Manipulated, "the store", b.Label(), "not as it was sealed as leaf %d: %s", r.at, what)
}

// next goes to the next sealed record.
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
