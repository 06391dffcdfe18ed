package snapshot

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"asof/replay"
)

// A Lane keeps the states of one timeline under one fold. It implements
// [replay.Snapshots].
type Lane struct {
	drawer
	timeline *replay.Timeline
	fold     replay.Fold
	proof    proof // for the content that the store has now
	fit      func() bool
	known    map[string]bool // files proved or written by this run, whose reader sees one content
}

// Lane returns where the states of a timeline under a fold are kept, or nil where
// they must not be. fit, if it is not nil, says whether the states folded so far
// may be kept: not if something was said about them that would be missed when
// they are not folded again.
func (c *Cache) Lane(t *replay.Timeline, f replay.Fold, fit func() bool) *Lane {
	r, ok := t.Reader.(replay.Fingerprinter)
	if !ok || t.Member != nil && t.MemberID == "" {
		return nil
	}
	print, ok := r.Fingerprint()
	if !ok {
		return nil
	}
	id, ok := f.Identity()
	if !ok {
		return nil
	}
	key := newKey("lane", c.o.Release, print.Store, t.Name, strconv.FormatBool(t.Many))
	addList(&key, t.Filter.Streams)
	addList(&key, t.Filter.Categories)
	addList(&key, t.Filter.Types)
	key.add(t.Filter.IDPrefix, t.MemberID, id, strconv.Itoa(int(f.Unread())))
	return &Lane{
		drawer:   c.drawer(key, About{Store: print.Path, Timeline: t.Name, Fold: f.Reducer.Name()}),
		timeline: t, fold: f, fit: fit, proof: proofOf(print.Content), known: map[string]bool{},
	}
}

// Of reports whether the lane is of this very timeline.
func (l *Lane) Of(t *replay.Timeline) bool { return l.timeline == t }

// entries lists the files of states up to a version, the first first.
func (l *Lane) entries(upTo replay.Version) []entry {
	files, err := os.ReadDir(l.dir) // sorted by name
	if err != nil {
		return nil
	}
	var all []entry
	for _, f := range files {
		if e, ok := parseName(f.Name()); ok && e.version <= upTo {
			all = append(all, e)
		}
	}
	return all
}

func (l *Lane) path(e entry) string { return filepath.Join(l.dir, e.name) }

// place is what a file says of where it belongs, so that one that was moved is not
// taken for another.
func (l *Lane) place(name string) string { return filepath.Base(l.dir) + "/" + name }

func (l *Lane) drop(e entry) { _ = os.Remove(l.path(e)) } // what stays is not believed either

// Nearest returns the last state at or before v that is proved to be right.
func (l *Lane) Nearest(ctx context.Context, v replay.Version) *replay.Checkpoint {
	all := l.entries(v)
	proved := len(all) // so many, up to the last that is proved
	for proved > 0 && !l.isProved(all[proved-1]) {
		proved--
	}
	if proved < len(all) {
		proved += l.check(ctx, all[:proved], all[proved:])
	}
	if proved == 0 {
		return nil
	}
	best := all[proved-1]
	if cp, _ := l.load(best); cp != nil {
		l.touch()
		return cp
	}
	return l.Nearest(ctx, best.version-1)
}

func (l *Lane) isProved(e entry) bool {
	if l.known[e.name] {
		return true
	}
	p, err := proofIn(l.path(e))
	return err == nil && p == l.proof && p != (proof{})
}

// load reads a state, and the text that it is kept as. What is damaged is dropped.
func (l *Lane) load(e entry) (*replay.Checkpoint, []byte) {
	b, err := os.ReadFile(l.path(e))
	if err != nil {
		return nil, nil
	}
	cp, raw, err := l.cache.codec.decode(b, e, l.place(e.name))
	if err != nil {
		l.drop(e)
		l.cache.o.Warn(fmt.Sprintf("a state kept in %s was damaged: it is dropped, and the events are folded again", l.cache.dir))
		return nil, nil
	}
	return cp, raw
}

// check reads the events after the last of the proved states up to the last of
// the others, and compares their running hash. It returns how many of those agree;
// the rest, as far as it came, is dropped.
func (l *Lane) check(ctx context.Context, proved, others []entry) (agree int) {
	var chain replay.Chain
	last := others[len(others)-1].version
	span := replay.UpTo(last)
	if n := len(proved); n > 0 {
		chain, span = proved[n-1].chain, replay.Between(proved[n-1].version+1, last)
	}
	skip := l.fold.Unread()
	stale := func() int {
		for _, e := range others[agree:] {
			l.drop(e)
		}
		return agree
	}
	for e, err := range l.timeline.List(ctx, replay.Listing{Span: span, Skip: skip}) {
		if err != nil {
			return agree // who folds will run into it, too
		}
		chain = chain.Add(e, skip)
		v := l.timeline.Version(e)
		if v < others[agree].version {
			continue
		}
		if next := others[agree]; v != next.version || chain != next.chain {
			return stale()
		}
		l.known[others[agree].name] = true
		if l.proof != (proof{}) {
			_ = prove(l.path(others[agree]), l.proof) // else it is checked again next time
		}
		if agree++; agree == len(others) {
			return agree
		}
	}
	return stale() // the events end before
}

// save writes a state and returns its size.
func (l *Lane) save(cp replay.Checkpoint) (int64, error) {
	name := nameOf(cp.Version, cp.Chain)
	b, err := l.cache.codec.encode(cp, l.proof, l.place(name))
	if err != nil {
		return 0, err
	}
	if err := l.make(); err != nil {
		return 0, err
	}
	if err := put(l.dir, name, b); err != nil {
		return 0, err
	}
	l.known[name] = true
	return int64(len(b)), nil
}
