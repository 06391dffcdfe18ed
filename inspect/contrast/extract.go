package contrast

import (
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// What is taken of one event, at most. More is left out, and counted.
const (
	maxMembers = 64  // members of a payload, and of metadata
	maxDepth   = 6   // of a payload
	maxText    = 100 // bytes of a value
	maxPaths   = 64  // changed paths
	maxTypes   = 256 // types of a stream, for their order
	maxMetas   = 4096
)

// An extractor finds the features of events. Each worker has its own.
type extractor struct {
	seed     maphash.Seed
	releases Releases
	names    map[uint64]Feature // of the features found; nil: only their hashes are wanted
	types    map[string]*eventType
	metas    map[string]*metadata
	parser   state.Parser
	path     []byte
	members  int
	out      []uint64 // features of the present event, without those that come with another
	with     []uint64 // features that each event with a feature of out has too
	ends     []int    // for each of out, where its part of with ends
	cut      int64    // members and paths left out
}

// An eventType is a type of events and the hash of its name.
type eventType struct {
	name string
	hash uint64
	id   int
}

// metadata is the parsed metadata of an event, as pairs of path and value.
type metadata struct {
	hashes []uint64
	pairs  [][2]string
}

func newExtractor(seed maphash.Seed, releases Releases) *extractor {
	return &extractor{seed: seed, releases: releases, types: map[string]*eventType{}, metas: map[string]*metadata{}}
}

func mix(h, x uint64) uint64 {
	h = (h ^ x) * 0x9E3779B97F4A7C15
	return h ^ h>>29
}

func (x *extractor) hash(s string) uint64 { return maphash.String(x.seed, s) }

// kindHash are the hashes of the kinds.
var kindHash = func() map[Kind]uint64 {
	all := map[Kind]uint64{}
	for k := range order {
		h := uint64(14695981039346656037)
		for i := range len(k) {
			h = mix(h, uint64(k[i]))
		}
		all[k] = h
	}
	return all
}()

var (
	hashType, hashRevision, hashActor     = kindHash[OfType], kindHash[Revision], kindHash[Actor]
	hashMember, hashValue, hashLeast      = kindHash[Member], kindHash[Value], kindHash[Least]
	hashNegative, hashShape, hashMeta     = kindHash[Negative], kindHash[Shape], kindHash[Metadata]
	hashChanged, hashBefore, hashNext     = kindHash[Changed], kindHash[Before], kindHash[Next]
	hashGap, hashQuick, hashHour, hashDay = kindHash[Gap], kindHash[Quick], kindHash[Hour], kindHash[Day]
	hashLive                              = kindHash[Live]
)

// begin forgets the features found.
func (x *extractor) begin() { x.out, x.with, x.ends = x.out[:0], x.with[:0], x.ends[:0] }

// all returns the features of the present event.
func (x *extractor) all() []uint64 { return append(x.out, x.with...) }

// add notes a feature. name is called only if names are wanted.
func (x *extractor) add(h uint64, name func() Feature) {
	x.out = append(x.out, h)
	x.ends = append(x.ends, len(x.with))
	x.name(h, name)
}

// addWith notes a feature that comes with the one added last: no event has that one alone.
func (x *extractor) addWith(h uint64, name func() Feature) {
	x.with = append(x.with, h)
	x.ends[len(x.ends)-1] = len(x.with)
	x.name(h, name)
}

func (x *extractor) name(h uint64, name func() Feature) {
	if x.names != nil {
		if _, ok := x.names[h]; !ok {
			x.names[h] = name()
		}
	}
}

// both notes a feature of the event's type, and of an event of any type.
func (x *extractor) both(t *eventType, h uint64, f func() Feature) {
	x.add(mix(h, t.hash), func() Feature { g := f(); g.Type = t.name; return g })
	x.addWith(h, f)
}

func (x *extractor) typeOf(name string) *eventType {
	t, ok := x.types[name]
	if !ok {
		t = &eventType{strings.Clone(name), x.hash(name), len(x.types)}
		x.types[t.name] = t
	}
	return t
}

// event finds the features of an event as recorded, except what it changed.
func (x *extractor) event(s *history, e *replay.Event) {
	x.begin()
	x.members = 0
	t := x.typeOf(e.Type)
	x.add(mix(hashType, t.hash), func() Feature { return Feature{Kind: OfType, Type: t.name} })
	if e.Revision != 0 {
		x.add(mix(mix(hashRevision, uint64(e.Revision)), t.hash), func() Feature {
			return Feature{Kind: Revision, Type: t.name, Value: strconv.Itoa(e.Revision)}
		})
	}
	if a := e.Meta.Actor; a != "" && len(a) <= maxText {
		x.both(t, mix(hashActor, x.hash(a)), func() Feature { return Feature{Kind: Actor, Value: strings.Clone(a)} })
	}
	if v, err := e.Body(); err == nil {
		x.path = x.path[:0]
		x.shape(t, v)
		x.value(t, v, 0)
	}
	x.meta(t, e.Meta.Raw)
	x.sequence(s, t)
	x.times(s, t, e.Time)
}

// shape notes the set of members of a payload.
func (x *extractor) shape(t *eventType, v state.Value) {
	if v.Kind() != state.Object || v.Node().Len() > 16 {
		return
	}
	h := uint64(0)
	v.Node().Each(func(key string, _ state.Value) bool { h += mix(1, x.hash(key)); return true })
	x.add(mix(mix(hashShape, h), t.hash), func() Feature {
		var keys []string
		v.Node().Each(func(key string, _ state.Value) bool { keys = append(keys, key); return true })
		slices.Sort(keys)
		return Feature{Kind: Shape, Type: t.name, Value: strings.Join(keys, ", ")}
	})
}

// value notes the members under a value of the payload, and their values.
func (x *extractor) value(t *eventType, v state.Value, depth int) {
	if depth > 0 {
		if x.members++; x.members > maxMembers {
			x.cut++
			return
		}
		at := mix(mix(hashMember, maphash.Bytes(x.seed, x.path)), t.hash)
		member := func() Feature { return Feature{Kind: Member, Type: t.name, Path: string(x.path)} }
		if !v.IsContainer() && len(v.Text()) <= maxText {
			x.scalar(t, v, at)
			x.addWith(at, member)
			return
		}
		x.add(at, member)
	}
	if !v.IsContainer() {
		return
	}
	if depth == maxDepth {
		x.cut++
		return
	}
	keep := len(x.path)
	if v.Kind() == state.Array {
		x.path = append(x.path, "/*"...)
		for _, el := range v.Node().Elems() {
			x.value(t, el, depth+1)
			if x.members > maxMembers {
				break
			}
		}
	} else {
		v.Node().Each(func(key string, el state.Value) bool {
			x.path = state.AppendToken(x.path[:keep], key)
			x.value(t, el, depth+1)
			return x.members <= maxMembers
		})
	}
	x.path = x.path[:keep]
}

// scalar notes the value of a member, and what comes with that value.
func (x *extractor) scalar(t *eventType, v state.Value, at uint64) {
	text := v.Text()
	name := func(k Kind, value string) func() Feature {
		return func() Feature { return Feature{Kind: k, Type: t.name, Path: string(x.path), Value: value} }
	}
	if v.Kind() != state.Number {
		x.add(mix(mix(mix(hashValue, at), x.hash(text)), uint64(v.Kind())), func() Feature {
			return name(Value, string(state.AppendJSON(nil, v)))()
		})
		return
	}
	text = canonical(text)
	x.add(mix(mix(mix(hashValue, at), x.hash(text)), uint64(v.Kind())), func() Feature { return name(Value, strings.Clone(text))() })
	if text[0] == '-' {
		x.addWith(mix(hashNegative, at), name(Negative, ""))
		return
	}
	whole := strings.IndexByte(text, '.')
	if whole < 0 {
		whole = len(text)
	}
	for digits := 2; digits <= min(whole, 12); digits++ {
		x.addWith(mix(mix(hashLeast, at), uint64(digits)), func() Feature { return name(Least, "1"+strings.Repeat("0", digits-1))() })
	}
}

// meta notes the members of the metadata.
func (x *extractor) meta(t *eventType, raw []byte) {
	if len(raw) == 0 {
		return
	}
	m, ok := x.metas[string(raw)]
	if !ok {
		m = x.parseMeta(raw)
		if len(x.metas) >= maxMetas {
			clear(x.metas)
		}
		x.metas[string(raw)] = m
	}
	for i, h := range m.hashes {
		x.both(t, h, func() Feature { return Feature{Kind: Metadata, Path: m.pairs[i][0], Value: m.pairs[i][1]} })
	}
}

func (x *extractor) parseMeta(raw []byte) *metadata {
	m := &metadata{}
	v, _, err := x.parser.ParsePayload(raw)
	if err != nil || v.Kind() != state.Object {
		return m
	}
	var walk func(path []byte, v state.Value, depth int)
	walk = func(path []byte, v state.Value, depth int) {
		switch {
		case len(m.hashes) >= maxMembers:
			x.cut++
		case v.Kind() == state.Object && depth < maxDepth:
			v.Node().Each(func(key string, el state.Value) bool {
				walk(state.AppendToken(path[:len(path):len(path)], key), el, depth+1)
				return true
			})
		case !v.IsContainer() && len(v.Text()) <= maxText:
			text := string(state.AppendJSON(nil, v))
			m.hashes = append(m.hashes, mix(mix(hashMeta, maphash.Bytes(x.seed, path)), x.hash(text)))
			m.pairs = append(m.pairs, [2]string{string(path), text})
		}
	}
	walk(nil, v, 0)
	return m
}

// sequence notes which types come before the event's.
func (x *extractor) sequence(s *history, t *eventType) {
	if s.prev != nil {
		p := s.prev
		x.add(mix(mix(hashNext, p.hash), t.hash), func() Feature { return Feature{Kind: Next, Type: p.name, Value: t.name} })
	}
	s.prev = t
	at := slices.IndexFunc(s.types, func(o typeSeen) bool { return o.t == t })
	known := 0
	if at >= 0 {
		known = s.types[at].before
	}
	for _, o := range s.types[known:] {
		a := o.t
		x.add(mix(mix(hashBefore, a.hash), t.hash), func() Feature { return Feature{Kind: Before, Type: a.name, Value: t.name} })
	}
	if at < 0 {
		if len(s.types) >= maxTypes {
			x.cut++
			return
		}
		s.types = append(s.types, typeSeen{t, len(s.types)})
		return
	}
	// Before an event of a type come all types seen, its own included.
	s.types[at].before = len(s.types)
}

// gaps are lengths of time between two events.
var gaps = []struct {
	name string
	d    time.Duration
}{
	{"an hour", time.Hour},
	{"a day", 24 * time.Hour},
	{"a week", 7 * 24 * time.Hour},
	{"30 days", 30 * 24 * time.Hour},
}

// times notes when the event was recorded.
func (x *extractor) times(s *history, t *eventType, at time.Time) {
	if at.IsZero() {
		return
	}
	if !s.time.IsZero() {
		d := at.Sub(s.time)
		for i, g := range gaps {
			if d < g.d {
				break
			}
			x.both(t, mix(hashGap, uint64(i)), func() Feature { return Feature{Kind: Gap, Value: g.name} })
		}
		if d < time.Second {
			x.both(t, hashQuick, func() Feature { return Feature{Kind: Quick, Value: "a second"} })
		}
	}
	s.time = at
	utc := at.UTC()
	hour, day := utc.Hour(), utc.Truncate(24*time.Hour)
	x.both(t, mix(hashHour, uint64(hour)), func() Feature { return Feature{Kind: Hour, Value: strconv.Itoa(hour)} })
	x.add(mix(hashDay, uint64(day.Unix())), func() Feature { return Feature{Kind: Day, Value: day.Format(time.DateOnly)} })
	if i := x.releases.live(at); i >= 0 {
		x.both(t, mix(hashLive, uint64(i)), func() Feature { return Feature{Kind: Live, Value: x.releases[i].Name} })
	}
}

// changed finds which paths of the state an event of a type changed.
func (x *extractor) changed(t *eventType, changes []state.Change) {
	x.begin()
	for i := range changes {
		if i == maxPaths {
			x.cut++
			break
		}
		if x.path = state.AppendPattern(x.path[:0], changes[i].Path); len(x.path) == 0 {
			x.path = append(x.path, '/') // the whole state
		}
		h := mix(hashChanged, maphash.Bytes(x.seed, x.path))
		x.both(t, h, func() Feature { return Feature{Kind: Changed, Path: string(x.path)} })
	}
}
