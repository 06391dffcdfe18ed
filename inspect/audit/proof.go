package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
)

// A Proof is one event of a bundle with everything needed to check it alone.
type Proof struct {
	Leaf    int64
	Stream  replay.StreamID
	Version replay.Version
	Event   state.Value // CloudEvents
	Changes state.Value // the changes it made to the state; Absent if the bundle has no states
	Before  state.Value // the changed values before the event, by path; Absent like Changes
	After   state.Value // the changed values after the event, by path; Absent like Changes

	stored, line state.Value
	text         string // c2sp.org/tlog-proof@v1 with the record as its extra data
	vkey         string
}

// JSON returns {"format","leaf","stream","version","event","stored","opening","changes",
// "before","after","tlog_proof","verifier_key"}. The tlog_proof is a
// c2sp.org/tlog-proof of the leaf, with the record as its extra data. The opening is
// the event's line of leaves.ndjson.
func (p *Proof) JSON() state.Value {
	return object(
		"format", ProofFormat, "leaf", p.Leaf, "stream", string(p.Stream), "version", p.Version,
		"event", p.Event, "stored", p.stored, "opening", p.line,
		"changes", p.Changes, "before", p.Before, "after", p.After,
		"tlog_proof", p.text, "verifier_key", p.vkey,
	)
}

// ProofFormat names the format of a proof and its version.
const ProofFormat = "asof-audit-proof/1"

// An eventKey identifies an event of a bundle.
type eventKey struct {
	stream  replay.StreamID
	version replay.Version
}

// Prove returns the proof of one event of a bundle. The bundle is not verified;
// the proof is checked before it is returned.
func Prove(ctx context.Context, dir string, stream replay.StreamID, version replay.Version) (*Proof, error) {
	want := eventKey{stream, version}
	ps, err := collect(ctx, dir, func(_ int64, e *replay.Event) bool {
		return eventKey{e.Stream, e.Version} == want
	})
	if err != nil {
		return nil, err
	}
	if len(ps) == 0 {
		return nil, &replay.NotFoundError{
			Kind: "event", Name: fmt.Sprintf("%s@%d", stream, version), In: dir,
			Next: fault.Try("name an exported event as STREAM@VERSION; streams.json lists what is exported"),
		}
	}
	return ps[0], nil
}

// collect returns the proofs of the events of a bundle that wanted reports true for.
// n is the number of the event's line, from 0.
func collect(ctx context.Context, dir string, wanted func(n int64, e *replay.Event) bool) ([]*Proof, error) {
	b, err := openBundle(dir)
	if err != nil {
		return nil, err
	}
	var out []*Proof
	err = b.events(ctx, func(n, leaf int64, e *replay.Event, event, stored, line state.Value) error {
		if !wanted(n, e) {
			return nil
		}
		out = append(out, &Proof{
			Leaf: leaf, Stream: e.Stream, Version: e.Version, vkey: b.vkey,
			Event: state.Clone(event), stored: state.Clone(stored), line: state.Clone(line),
		})
		return nil
	})
	if err != nil || len(out) == 0 {
		return out, err
	}
	if err := b.include(ctx, out); err != nil {
		return nil, err
	}
	return out, b.changes(ctx, out)
}

// include adds the inclusion proofs.
func (b *openedBundle) include(ctx context.Context, ps []*Proof) error {
	leaves := make([]int64, len(ps))
	for i, p := range ps {
		leaves[i] = p.Leaf
	}
	all, root, err := proofs(b.checkpoint.Size, leaves, func(add func(tlog.Hash) error) error { return b.hashes(ctx, add) })
	if err != nil {
		return b.broken(err)
	}
	if root != b.checkpoint.Root {
		return b.broken(errors.New("its leaves do not add up to the root of its checkpoint"))
	}
	for i, p := range ps {
		record, _ := textAt(p.line, "record")
		t := proof.TLogProof{Index: uint64(p.Leaf), Checkpoint: b.signed, ExtraData: []byte(record)}
		for _, h := range all[i] {
			t.Hashes = append(t.Hashes, h)
		}
		p.text = string(t.Marshal())
		v := verifyProof(p.JSON(), VerifyOptions{Key: b.key})
		if len(v.Findings) > 0 {
			return b.broken(errors.New(v.Findings[0].What))
		}
	}
	return nil
}

// changes adds the changes that the events made to the state.
func (b *openedBundle) changes(ctx context.Context, ps []*Proof) error {
	byEvent := map[eventKey]*Proof{}
	for _, p := range ps {
		byEvent[eventKey{p.Stream, p.Version}] = p
	}
	streams, err := b.provenStreams(ctx, ps)
	if err != nil {
		return err
	}
	return b.lines(ctx, fileChanges, func(v state.Value) error {
		stream, _ := textAt(v, "stream")
		version, _ := intAt(v, "version")
		s := streams[replay.StreamID(stream)]
		if s == nil {
			return nil
		}
		changes := s.label(state.Clone(get(v, "changes")), replay.Version(version))
		p := byEvent[eventKey{replay.StreamID(stream), replay.Version(version)}]
		if p == nil {
			return nil
		}
		p.Changes = changes
		before, after := state.NewObject(), state.NewObject()
		for _, c := range elems(p.Changes) {
			path, _ := textAt(c, "path")
			before.Set(path, jsonOf(get(c, "from")))
			after.Set(path, jsonOf(get(c, "to")))
		}
		p.Before, p.After = before.Value(), after.Value()
		return nil
	})
}

// VerifyProof checks the proof of one event.
func VerifyProof(_ context.Context, path string, o VerifyOptions) (*Verified, error) {
	b, err := readSmall(path, maxLine)
	if err != nil {
		return nil, &replay.StoreError{Path: path, Op: "verify", Err: err}
	}
	val, err := parseSmall(bytes.TrimSpace(b))
	if f, _ := textAt(val, "format"); err != nil || f != ProofFormat {
		return nil, &replay.StoreError{Path: path, Op: "verify", Err: errors.New("it is not a proof"), Next: fault.Try("name the file of a proof, or the folder of an export").By("audit prove")}
	}
	v := verifyProof(val, o)
	v.Path = path
	return v, nil
}

func verifyProof(val state.Value, o VerifyOptions) *Verified {
	v := &verification{Verified: &Verified{SinceSize: -1}, o: o, key: o.Key, streams: map[replay.StreamID]*claimedStream{}}
	if v.key == nil {
		own, _ := textAt(val, "verifier_key")
		v.skip("who signed it: no verifier key was given")
		var err error
		if v.key, err = note.NewVerifier(own); err != nil {
			v.find(Unreadable, "proof", "verifier_key", "it is not a verifier key")
			return v.Verified
		}
	}
	if o.Since != nil {
		v.skip("the earlier checkpoint: the proof of one event does not hold the history")
	}
	text, _ := textAt(val, "tlog_proof")
	var t proof.TLogProof
	if err := t.Unmarshal([]byte(text)); err != nil {
		v.find(Unreadable, "proof", "tlog_proof", "%v", err)
		return v.Verified
	}
	c, err := OpenCheckpoint(t.Checkpoint, v.key)
	switch {
	case errors.Is(err, errWrongKey):
		v.find(WrongKey, "proof", "checkpoint", "%v", err)
		return v.Verified
	case err != nil:
		v.find(Manipulated, "proof", "checkpoint", "%v", err)
		return v.Verified
	}
	v.Origin, v.Root, v.Store, v.Streams = c.Origin, hexOf(c.Root), c.Size, 1
	v.checkProof(val, &t, c)
	return v.Verified
}

// checkProof checks the leaf against the checkpoint, and the event against the
// leaf.
func (v *verification) checkProof(val state.Value, t *proof.TLogProof, c *Checkpoint) {
	var p tlog.RecordProof
	for _, h := range t.Hashes {
		p = append(p, h)
	}
	if t.Index >= uint64(c.Size) || tlog.CheckRecord(p, c.Size, c.Root, int64(t.Index), leafHash(t.ExtraData)) != nil {
		v.find(Manipulated, "proof", "tlog_proof", "the leaf is not in the tree of the checkpoint")
	}
	line := get(val, "opening")
	if record, _ := textAt(line, "record"); record != string(t.ExtraData) {
		v.find(Manipulated, "proof", "opening", "its record is not the record in the inclusion proof")
	}
	w := leafVerifier{verification: v, coverage: &coverage{}, totals: map[string]*total{}}
	o := opened{
		leafVerifier: &w, leaf: int64(t.Index), alone: true,
		event: get(val, "event"), stored: get(val, "stored"), line: line,
	}
	for _, part := range []struct {
		name string
		v    state.Value
	}{{"event", o.event}, {"stored", o.stored}, {"opening", o.line}} {
		if part.v.Kind() != state.Object {
			v.find(Missing, "proof", part.name, "it is missing")
		}
	}
	if err := o.check(); err != nil {
		v.find(Unreadable, "proof", "", "%v", err)
	}
	stream, _ := textAt(val, "stream")
	version, _ := intAt(val, "version")
	if want := fmt.Sprintf("%s@%d", stream, version); o.label != "" && o.label != want {
		v.find(Manipulated, "proof", "stream", "the proof is for %s, but the event is %s", want, o.label)
	}
	if n, _ := intAt(val, "leaf"); uint64(n) != t.Index {
		v.find(Manipulated, "proof", "leaf", "the proof says leaf %d, but the inclusion proof is for leaf %d", n, t.Index)
	}
	for _, k := range []string{"changes", "before", "after"} {
		if get(val, k).Kind() > state.Null {
			v.Limits = append(v.Limits, "what the event changed: a projection computes that, and the leaf does not contain it")
			break
		}
	}
}

// An openedBundle is a bundle from which proofs are made.
type openedBundle struct {
	verification
	vkey   string
	signed []byte
}

// openBundle opens a bundle with the verifier key in its manifest.
func openBundle(dir string) (*openedBundle, error) {
	b := &openedBundle{verification: verification{Verified: &Verified{Path: dir}, dir: dir, names: map[string]bool{}}}
	if !isBundle(dir) {
		return nil, &replay.StoreError{Path: dir, Op: "read", Err: errors.New("it is not an audit export"), Next: fault.Try("name the folder of an export").By("audit export").With("out")}
	}
	if err := b.present(); err != nil {
		return nil, b.broken(err)
	}
	manifest, _ := b.manifest()
	if manifest == nil || b.key == nil {
		return nil, b.broken(errors.New("its manifest cannot be read"))
	}
	m, err := parseSmall(manifest)
	if err != nil {
		return nil, b.broken(err)
	}
	b.vkey, _ = textAt(m, "verifier_key")
	if b.signed, err = readSmall(b.path(fileCheckpoint), maxCheckpoint); err != nil {
		return nil, b.broken(err)
	}
	if b.checkpoint, err = OpenCheckpoint(b.signed, b.key); err != nil {
		return nil, b.broken(err)
	}
	return b, nil
}

func (b *openedBundle) broken(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return &replay.StoreError{Path: b.dir, Op: "read", Err: err, Next: fault.Try("verify the folder to see all that is wrong with it").By("audit verify")}
}

// lines calls f with each line of a file. If there is no such file, it does nothing.
func (b *openedBundle) lines(ctx context.Context, name string, f func(state.Value) error) error {
	r := b.open(name)
	defer r.close()
	for n := 0; r != nil; n++ {
		if n%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		v, err := r.json()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return b.broken(fmt.Errorf("%s, %s: %w", name, lineEntry(r), err))
		}
		if err := f(v); err != nil {
			return err
		}
	}
	return nil
}

// events calls f with the lines of each exported event.
func (b *openedBundle) events(ctx context.Context, f func(n, leaf int64, e *replay.Event, event, stored, line state.Value) error) error {
	stored, leaves := b.open(fileStored), b.open(fileLeaves)
	defer stored.close()
	defer leaves.close()
	if stored == nil || leaves == nil || !b.names[fileEvents] {
		return b.broken(errors.New("some of its files are missing"))
	}
	n := int64(0)
	return b.lines(ctx, fileEvents, func(v state.Value) error {
		_, e, leaf, ok := readCloudEvent(v)
		st, err1 := stored.json()
		line, err2 := leaves.json()
		a, okA := leafOf(st)
		c, okC := leafOf(line)
		if err := errors.Join(err1, err2); err != nil || !ok || !okA || !okC || a != leaf || c != leaf {
			return b.broken(fmt.Errorf("%s, %s and %s do not match at event %d", fileEvents, fileStored, fileLeaves, n+1))
		}
		n++
		return f(n-1, leaf, &e, v, st, line)
	})
}

// hashes calls f with each leaf hash.
func (b *openedBundle) hashes(ctx context.Context, f func(tlog.Hash) error) error {
	r := b.open(fileTree)
	if r == nil {
		return errors.New("it has no leaf hashes")
	}
	defer r.close()
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		line, err := r.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var h tlog.Hash
		if err == nil && len(line) != 2*tlog.HashSize {
			err = errors.New("a leaf hash cannot be read")
		}
		if err == nil {
			_, err = hex.Decode(h[:], line)
		}
		if err != nil {
			return fmt.Errorf("%s, %s: %w", fileTree, lineEntry(r), err)
		}
		if err := f(h); err != nil {
			return err
		}
	}
}
