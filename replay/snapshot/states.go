package snapshot

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"asof/replay"
)

// States are the kept states of one timeline under one fold. It implements
// [replay.Snapshots].
type States struct {
	folder
	timeline *replay.Timeline
	fold     replay.Fold
	proof    proof // for the store's present content
	mayKeep  func() bool
	known    map[string]bool            // files proved or written by this run, whose reader has a fixed content
	kept     map[replay.Version][]entry // for Before; nil: not listed yet
	last     touchedText                // of the stretch that was read last
}

// States returns the kept states of a timeline under a fold, or nil if they must not
// be kept. mayKeep, if not nil, reports whether the states folded so far may be kept.
// It returns false after a warning, which would not be repeated by a run that does
// not fold them again.
func (c *Cache) States(t *replay.Timeline, f replay.Fold, mayKeep func() bool) *States {
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
	return &States{
		folder:   c.folder(key, About{Store: print.Path, Timeline: t.Name, Fold: f.Reducer.Name()}),
		timeline: t, fold: f, mayKeep: mayKeep, proof: proofOf(print.Content), known: map[string]bool{},
	}
}

// Of reports whether the states belong to this very timeline.
func (l *States) Of(t *replay.Timeline) bool { return l.timeline == t }

// entries returns the files of states up to a version, in ascending order.
func (l *States) entries(upTo replay.Version) []entry {
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

func (l *States) path(e entry) string { return filepath.Join(l.dir, e.name) }

// location returns where a file belongs, which is written in the file. A file that
// was moved is not used.
func (l *States) location(name string) string { return filepath.Base(l.dir) + "/" + name }

func (l *States) drop(e entry) { _ = os.Remove(l.path(e)) } // a file that remains is not used either

// Nearest returns the last proved state at or before v, or nil.
func (l *States) Nearest(ctx context.Context, v replay.Version) *replay.Checkpoint {
	all := l.entries(v)
	proved := len(all) // length of all up to the last proved state
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

func (l *States) isProved(e entry) bool {
	if l.known[e.name] {
		return true
	}
	p, err := proofIn(l.path(e))
	return err == nil && p == l.proof && p != (proof{})
}

// load reads a state and its text in the file. It drops a damaged file.
func (l *States) load(e entry) (*replay.Checkpoint, []byte) {
	b, err := os.ReadFile(l.path(e))
	if err != nil {
		return nil, nil
	}
	cp, raw, err := l.cache.codec.decode(b, e, l.location(e.name))
	if err != nil {
		l.drop(e)
		l.cache.o.Warn(fmt.Sprintf("a cached state in %s was damaged and removed; the events are folded again", l.cache.dir))
		return nil, nil
	}
	return cp, raw
}

// check reads the events between the last proved state and the last of the others,
// and compares their running hash. It returns how many of the others agree and drops
// those that do not.
func (l *States) check(ctx context.Context, proved, others []entry) (agree int) {
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
			return agree // folding reports the error
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
			_ = prove(l.path(others[agree]), l.proof) // on an error it is checked again next time
		}
		if agree++; agree == len(others) {
			return agree
		}
	}
	return stale() // the events end before the next state
}

// save writes a state and returns its size.
func (l *States) save(cp replay.Checkpoint) (int64, error) {
	name := nameOf(cp.Version, cp.Chain)
	b, err := l.cache.codec.encode(cp, l.proof, l.location(name))
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
