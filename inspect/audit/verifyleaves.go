package audit

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"asof/replay"
	"asof/replay/state"
)

// An entryFile is a file with a line for each exported event, in the order of the
// leaves.
type entryFile struct {
	name string
	r    *lineReader
	v    state.Value // the current line
	leaf int64       // of the current line
	last int64       // of the previous line
	done bool
}

// leafOf returns the leaf of a line, which is a number or, in CloudEvents, a string.
func leafOf(v state.Value) (int64, bool) {
	if s, ok := textAt(v, "leaf"); ok {
		return intAt(object("leaf", state.NumberValue(s)), "leaf")
	}
	return intAt(v, "leaf")
}

// next reads the next line that is a valid entry.
func (f *entryFile) next(v *verification) {
	for !f.done {
		val, err := f.r.json()
		if v.atEnd(f.name, f.r, err) {
			f.done = true
			return
		}
		if err != nil {
			continue
		}
		leaf, ok := leafOf(val)
		switch {
		case !ok || leaf < 0:
			v.find(Unreadable, f.name, lineEntry(f.r), "it does not name its leaf")
		case leaf == f.last:
			v.find(Manipulated, f.name, f.entry(leaf), "this leaf occurs twice")
		case leaf < f.last:
			v.find(Manipulated, f.name, f.entry(leaf), "out of order: it comes after leaf %d", f.last)
		default:
			f.v, f.leaf, f.last = val, leaf, leaf
			return
		}
	}
}

func (f *entryFile) entry(leaf int64) string {
	return fmt.Sprintf("%s, leaf %d", lineEntry(f.r), leaf)
}

// leaves reads the leaf hashes and the exported events side by side.
func (v *verification) leaves(ctx context.Context) error {
	since := v.openSince()
	tree := v.open(fileTree)
	defer tree.close()
	w := leafVerifier{verification: v, hashes: tree, at: map[int64]tlog.Hash{}, marks: map[int64]bool{}, coverage: &coverage{}, totals: map[string]*total{}}
	if since != nil {
		w.marks[since.Size] = true
	}
	if v.checkpoint != nil {
		w.marks[v.checkpoint.Size] = true
	}
	if err := w.mark(); err != nil {
		return err
	}
	w.begin()
	defer w.close()
	for n := 0; ; n++ {
		if n%16 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		leaf, more := w.first()
		if !more {
			break
		}
		if err := w.entry(leaf); err != nil {
			return err
		}
	}
	if err := w.advance(-1); err != nil {
		return err
	}
	return w.finish(since)
}

// begin opens the files that have a line for each event.
func (w *leafVerifier) begin() {
	for i, name := range []string{fileEvents, fileStored, fileLeaves, fileOutline} {
		f := &w.files[i]
		*f = entryFile{name: name, r: w.open(name), last: -1}
		f.done = f.r == nil
		f.next(w.verification)
	}
	if w.redacted {
		w.redactions = w.open(fileRedactions)
		w.nextRedaction()
	}
}

func (w *leafVerifier) close() {
	for i := range w.files {
		w.files[i].r.close()
	}
	w.redactions.close()
}

// A leafVerifier checks events against their leaves.
type leafVerifier struct {
	*verification
	hashes *lineReader
	tree   tree
	hash   tlog.Hash           // of the last leaf of the tree
	marks  map[int64]bool      // sizes whose roots are needed
	at     map[int64]tlog.Hash // the roots at these sizes
	ended  bool                // there are no more hashes

	files      [4]entryFile // events, stored, leaves, outline
	redactions *lineReader
	redaction  state.Value // the current line; Absent at the end

	commit   committer
	walk     walker
	parser   state.Parser
	coverage *coverage
	totals   map[string]*total

	decoded, redactedEvents int64
	newest                  time.Time
}

// mark stores the root if it is needed at the current size.
func (w *leafVerifier) mark() error {
	if !w.marks[w.tree.size] {
		return nil
	}
	root, err := w.tree.root()
	w.at[w.tree.size] = root
	return err
}

// advance reads leaf hashes up to and including a leaf; -1 reads all.
func (w *leafVerifier) advance(leaf int64) error {
	for w.hashes != nil && !w.ended && (leaf < 0 || w.tree.size <= leaf) {
		line, err := w.hashes.next()
		if w.atEnd(fileTree, w.hashes, err) {
			w.ended = true
			break
		}
		if len(line) != 2*tlog.HashSize {
			w.find(Unreadable, fileTree, lineEntry(w.hashes), "it is not a hash")
			w.ended = true
			break
		}
		if _, err := hex.Decode(w.hash[:], line); err != nil {
			w.find(Unreadable, fileTree, lineEntry(w.hashes), "it is not a hash")
			w.ended = true
			break
		}
		if h, ok := w.heads[w.tree.size]; ok && h.hash != w.hash {
			w.find(Manipulated, fileStreams, "stream "+string(h.stream), "its head is not leaf %d of %s", w.tree.size, fileTree)
		}
		delete(w.heads, w.tree.size)
		if _, err := w.tree.add(w.hash); err != nil {
			return err
		}
		if err := w.mark(); err != nil {
			return err
		}
	}
	return nil
}

// first returns the lowest leaf among the current lines of the files.
func (w *leafVerifier) first() (leaf int64, more bool) {
	for i := range w.files {
		if f := &w.files[i]; !f.done && (!more || f.leaf < leaf) {
			leaf, more = f.leaf, true
		}
	}
	return leaf, more
}

// entry checks the lines of one event.
func (w *leafVerifier) entry(leaf int64) error {
	if err := w.advance(leaf); err != nil {
		return err
	}
	var lines [4]state.Value
	for i := range w.files {
		if f := &w.files[i]; !f.done && f.leaf == leaf {
			lines[i] = f.v
		}
	}
	one := opened{leafVerifier: w, leaf: leaf, event: lines[0], stored: lines[1], line: lines[2]}
	exported := !one.event.IsAbsent() || !one.stored.IsAbsent() || !one.line.IsAbsent()
	var err error
	if exported {
		for i, f := range w.files[:3] {
			if lines[i].IsAbsent() && f.r != nil {
				w.find(Missing, f.name, fmt.Sprintf("leaf %d", leaf), "the other files have this event")
			}
		}
		err = one.check()
	}
	if out := lines[3]; !out.IsAbsent() {
		one.outlined(out, exported)
	}
	for i := range w.files {
		if f := &w.files[i]; !f.done && f.leaf == leaf {
			f.next(w.verification)
		}
	}
	return err
}

// finish makes the checks that need all events.
func (w *leafVerifier) finish(since *Checkpoint) error {
	for w.redactions != nil && !w.redaction.IsAbsent() {
		w.find(Manipulated, fileRedactions, lineEntry(w.redactions), "nothing is withheld there")
		w.nextRedaction()
	}
	w.Store = w.tree.size
	if w.hashes == nil {
		return nil
	}
	root, err := w.tree.root()
	if err != nil {
		return err
	}
	w.history(w.tree.size, root, w.at)
	w.since(w.tree.size, w.at, since)
	for leaf, h := range w.heads {
		w.find(Missing, fileTree, fmt.Sprintf("leaf %d", leaf), "the head of stream %s", h.stream)
	}
	w.accounts()
	w.filters()
	w.compareReport(w)
	return nil
}

// An opened event is an event whose lines are being checked.
type opened struct {
	*leafVerifier
	leaf                int64
	event, stored, line state.Value  // Absent if the file has no line for it
	parsed              replay.Event // parsed from event
	label               string
	alone               bool // it belongs to the proof of one event, not to a bundle
}

func (o *opened) found(kind Kind, file, format string, a ...any) {
	if o.alone {
		o.find(kind, "proof", o.label, format, a...)
		return
	}
	entry := fmt.Sprintf("leaf %d", o.leaf)
	for i := range o.files {
		if f := &o.files[i]; f.name == file && f.leaf == o.leaf && !f.done {
			entry = f.entry(o.leaf)
		}
	}
	if o.label != "" {
		entry += " (" + o.label + ")"
	}
	o.find(kind, file, entry, format, a...)
}

func (o *opened) check() error {
	var rec *Record
	if !o.line.IsAbsent() {
		text, _ := textAt(o.line, "record")
		r, err := ParseRecord([]byte(text))
		if err != nil {
			o.found(Unreadable, fileLeaves, "%v", err)
		} else {
			rec, o.label = r, r.Label()
			o.inTree([]byte(text), fileLeaves)
		}
	}
	var c content
	var e replay.Event
	haveEvent := false
	if !o.event.IsAbsent() {
		var leaf int64
		c, e, leaf, haveEvent = readCloudEvent(o.event)
		if haveEvent = haveEvent && leaf == o.leaf; !haveEvent {
			o.found(Unreadable, fileEvents, "it is not an event in the format that asof writes")
		}
	}
	if haveEvent {
		o.parsed = e
		o.place(rec, &c, &e)
		o.count(&c, &e)
		if rec != nil {
			o.asWritten(rec, &c)
		}
	}
	if rec == nil {
		return nil
	}
	return o.commitments(rec, &c, &e, haveEvent)
}

// inTree checks that the record hashes to the leaf in the tree.
func (o *opened) inTree(record []byte, file string) {
	switch {
	case o.hashes == nil:
	case o.tree.size <= o.leaf:
		o.found(Missing, fileTree, "there is no such leaf")
	case leafHash(record) != o.hash:
		o.found(Manipulated, file, "its record does not match the leaf in %s", fileTree)
	}
}

// count adds an event to the counts and the control totals.
func (o *opened) count(c *content, e *replay.Event) {
	o.Events++
	if e.Time.After(o.newest) {
		o.newest = e.Time
	}
	if get(o.stored, "decoded").Bool() {
		o.decoded++
	}
	payload, _, _ := storedAt(o.stored, "payload")
	l := &leaf{event: e, content: *c, stored: replay.Stored{Data: payload}}
	o.coverage.add(l)
	t, found := o.totals[c.typ]
	if !found {
		t = &total{sums: map[string]*sum{}}
		o.totals[c.typ] = t
	}
	t.add(l)
}
