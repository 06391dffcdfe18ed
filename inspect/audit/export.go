package audit

import (
	"context"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// States selects the states in a bundle.
type States string

// StatesEach adds the state after every event and the changes of every event;
// StatesEnds adds the states at the two ends of the period and the changes.
const (
	StatesEnds States = "ends"
	StatesEach States = "each"
	StatesNone States = "none"
)

// A Projection is the fold of a stream with its name.
type Projection struct {
	Fold   replay.Fold
	Name   string
	SHA256 string // of its source; empty if it has none, such as merge
	For    string // the streams it is made for, if this stream is not one of them; else empty
}

// About describes the origin of an export for its report. Two runs on the same
// input must have the same About.
type About struct {
	Store    string // as the user named it
	SHA256   string // of the store's file, in hexadecimal; empty if the store is not a file
	Bytes    int64
	Command  []string // without the output folder and the key
	Zone     string
	Versions [][2]string // name and version of each program that made the export
	Date     time.Time   // of the report; zero: the report has none
}

// Counted holds the number of events of a store and its highest position.
type Counted struct {
	Events  int64
	Highest replay.Position
}

// An Export writes a bundle.
type Export struct {
	Reader     replay.Reader
	Key        *Key
	Select     Selection
	Redact     *Redaction
	States     States
	Projection func(replay.StreamID, string) (Projection, error)
	About      About

	// Recount counts the store again after the export; nil if it cannot be counted.
	Recount func(context.Context) (Counted, error)
}

// An Exported is a summary of a written bundle.
type Exported struct {
	Dir        string
	Events     int64 // exported events
	Store      int64 // events of the store
	Streams    int64 // streams with an exported event
	Withheld   int64 // withheld fields
	Checkpoint []byte
	Root       string           // in hexadecimal
	VKey       string           // verifies Checkpoint
	Anomalies  map[string]int64 // by kind
	NoActor    int64            // exported events without an actor
	Incomplete replay.Incomplete
	Survivors  []Survivor // erased values that still occur in the export
}

// Run writes the bundle to dir, which must not exist.
func (x *Export) Run(ctx context.Context, dir string) (*Exported, error) {
	if x.Key == nil {
		return nil, errors.New("an export needs a key")
	}
	b, err := newBundle(dir)
	if err != nil {
		return nil, err
	}
	defer b.discard()
	return x.into(ctx, b)
}

func (x *Export) into(ctx context.Context, b *bundle) (*Exported, error) {
	periods, err := x.Select.periods(ctx, x.Reader)
	if err != nil {
		return nil, err
	}
	s := newSurvey()
	s.gaps = replay.NewGaps(x.Reader.Info())
	if s.erased, err = x.erasedValues(ctx, periods); err != nil {
		return nil, err
	}
	if err := x.events(ctx, b, s, periods); err != nil {
		return nil, err
	}
	s.finish()
	checkpoint, err := x.Key.checkpoint(&s.tree)
	if err != nil {
		return nil, err
	}
	projections, err := x.states(ctx, b, s)
	if err != nil {
		return nil, err
	}
	if err := x.writeReports(ctx, b, s, projections, checkpoint); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := b.finish(x.Key); err != nil {
		return nil, err
	}
	root, err := s.tree.root()
	if err != nil {
		return nil, err
	}
	out := &Exported{
		Dir: b.dir, Events: s.exported, Store: s.size, Withheld: s.withheld, Checkpoint: checkpoint,
		Root: hexOf(root), VKey: x.Key.vkey, Anomalies: s.anomalies.counts, Survivors: s.survivors(), Incomplete: s.gaps.Incomplete(),
	}
	for _, n := range s.coverage.missing {
		out.NoActor += n
	}
	for _, line := range s.streams {
		if line.exported > 0 {
			out.Streams++
		}
	}
	return out, nil
}

// events seals the store and writes the exported events.
func (x *Export) events(ctx context.Context, b *bundle, s *survey, periods map[replay.StreamID]period) error {
	var out [4]*outFile
	for i, name := range []string{fileTree, fileEvents, fileStored, fileLeaves} {
		f, err := b.file(name)
		if err != nil {
			return err
		}
		out[i] = f
		defer f.to.Close() // already closed by w.close on success
	}
	w := leafWriter{tree: out[0], events: out[1], stored: out[2], leaves: out[3], origin: x.Key.Name()}
	if !x.Redact.none() {
		f, err := b.file(fileRedactions)
		if err != nil {
			return err
		}
		defer f.to.Close()
		w.redactions, w.redaction = f, x.Redact
	}
	if slices.ContainsFunc(slices.Collect(maps.Values(periods)), func(p period) bool { return p.unordered }) {
		f, err := b.file(fileOutline)
		if err != nil {
			return err
		}
		defer f.to.Close()
		w.outline = f
	}
	for l, err := range x.leaves(ctx, periods, s.erased) {
		if err != nil {
			return err
		}
		why := x.Select.leftOut(l.event, periods)
		index := s.size
		if err := s.add(l, why); err != nil {
			return err
		}
		if err := w.event(l, index, why, periods[l.event.Stream].unordered); err != nil {
			return err
		}
	}
	return w.close()
}

// A leafWriter writes the lines of exported events.
type leafWriter struct {
	tree, events, stored, leaves *outFile
	redactions, outline          *outFile // nil if the bundle has none
	redaction                    *Redaction
	origin                       string
	line                         []byte
}

func (w *leafWriter) close() error {
	for _, f := range []*outFile{w.tree, w.events, w.stored, w.leaves, w.redactions, w.outline} {
		if f == nil {
			continue
		}
		if err := f.close(); err != nil {
			return err
		}
	}
	return nil
}

// event writes the lines of an event. If the versions of a stream do not rise with
// the leaves, the records of the events outside the period are written as well:
// without them an auditor could not determine which versions are left out.
func (w *leafWriter) event(l *leaf, index int64, why string, unordered bool) error {
	if err := w.hash(l); err != nil {
		return err
	}
	switch {
	case why == "":
		return w.leaf(l, index)
	case unordered && why != reasonStream:
		return w.outline.json(object("leaf", index, "record", string(l.text)))
	}
	return nil
}

func (w *leafWriter) hash(l *leaf) error {
	w.line = append(hex.AppendEncode(w.line[:0], l.hash[:]), '\n')
	return w.tree.write(w.line)
}

func (w *leafWriter) leaf(l *leaf, index int64) error {
	if err := w.events.json(cloudEvent(l, index, w.origin)); err != nil {
		return err
	}
	if err := w.stored.json(storedLine(l, index)); err != nil {
		return err
	}
	if err := w.leaves.json(leafLine(l, index)); err != nil {
		return err
	}
	if !l.redacted {
		return nil
	}
	for _, f := range l.fields {
		if !f.withheld {
			continue
		}
		err := w.redactions.json(object(
			"leaf", index, "stream", valid(string(l.event.Stream)), "version", l.event.Version, "path", f.path,
			"commitment", hexOf(f.commitment), "basis", orNull(w.redaction.Basis), "by", orNull(w.redaction.By),
		))
		if err != nil {
			return err
		}
	}
	return nil
}

// storedLine returns {"leaf","payload","metadata","decoded"}: the bytes in the
// store, without the withheld ones.
func storedLine(l *leaf, index int64) state.Value {
	n := state.NewObject()
	n.Set("leaf", integer(index))
	if !l.withheldPayload {
		storedJSON(n, "payload", l.stored.Data)
	}
	if !l.withheldMeta {
		storedJSON(n, "metadata", l.stored.Meta)
	}
	n.Set("decoded", state.BoolValue(l.decoded))
	return n.Value()
}

// leafLine returns {"leaf","record","secret"}. If something is withheld, "fields"
// with salts and commitments, "payload_salt" and "metadata_salt" replace the secret.
func leafLine(l *leaf, index int64) state.Value {
	n := state.NewObject()
	n.Set("leaf", integer(index))
	n.Set("record", state.StringValue(string(l.text)))
	if !l.redacted {
		n.Set("secret", state.StringValue(hex.EncodeToString(l.secret)))
		return n.Value()
	}
	if !l.withheldPayload {
		n.Set("payload_salt", state.StringValue(hex.EncodeToString(l.payloadSalt[:])))
	}
	if !l.withheldMeta {
		n.Set("metadata_salt", state.StringValue(hex.EncodeToString(l.metaSalt[:])))
	}
	fields := state.NewArray()
	for _, f := range l.fields {
		if f.withheld {
			fields.Append(object("path", f.path, "commitment", hexOf(f.commitment)))
		} else {
			fields.Append(object("path", f.path, "salt", hex.EncodeToString(f.salt[:])))
		}
	}
	n.Set("fields", fields.Value())
	return n.Value()
}
