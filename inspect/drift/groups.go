package drift

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"asof/replay"
)

// A Group counts the values that events with something in common set last.
type Group struct {
	Kind  GroupKind
	Value string // the type, the type and the revision, or the day
	Wrong int64  // of the values that such an event set last
	Right int64
}

// A GroupKind is what the events of a group have in common.
type GroupKind string

// The kinds of groups.
const (
	OfType     GroupKind = "type"
	OfRevision GroupKind = "revision" // of a type: ItemAdded v2
	OfDay      GroupKind = "day"      // in UTC: 2026-03-01
)

// mostGroups bounds the groups of a kind that are counted. Values of more groups are not
// in any.
const mostGroups = 20_000

// mostListed bounds the groups of a kind that are listed.
const mostListed = 100

// Groups count values by the events that set them. The zero groups are empty.
type groups struct {
	types     map[string]*Group
	revisions map[revisionKey]*Group
	days      map[int64]*Group
}

type revisionKey struct {
	typ      string
	revision int
}

// count counts a value that an event set; nil: none did.
func (g *groups) count(e *replay.Event, right bool) {
	if e == nil {
		return
	}
	if g.types == nil {
		g.types, g.revisions, g.days = map[string]*Group{}, map[revisionKey]*Group{}, map[int64]*Group{}
	}
	add(g.types, e.Type, right)
	if e.Revision > 0 {
		add(g.revisions, revisionKey{e.Type, e.Revision}, right)
	}
	if !e.Time.IsZero() {
		add(g.days, e.Time.UTC().Truncate(24*time.Hour).Unix(), right)
	}
}

func add[K comparable](in map[K]*Group, key K, right bool) {
	group := in[key]
	if group == nil {
		if len(in) == mostGroups {
			return
		}
		group = &Group{}
		in[key] = group
	}
	if right {
		group.Right++
	} else {
		group.Wrong++
	}
}

// list returns the groups with wrong values. A type of one revision has no group of its
// revision.
func (g *groups) list() []Group {
	revisions := map[string]int{}
	for key := range g.revisions {
		revisions[key.typ]++
	}
	maps.DeleteFunc(g.revisions, func(key revisionKey, _ *Group) bool { return revisions[key.typ] < 2 })
	return slices.Concat(
		listed(g.types, OfType, func(typ string) string { return typ }),
		listed(g.revisions, OfRevision, func(k revisionKey) string { return k.typ + " v" + strconv.Itoa(k.revision) }),
		listed(g.days, OfDay, func(day int64) string { return time.Unix(day, 0).UTC().Format(time.DateOnly) }),
	)
}

// listed are the groups of a kind with wrong values: those of which most are wrong first.
func listed[K comparable](in map[K]*Group, kind GroupKind, name func(K) string) (out []Group) {
	for key, group := range in {
		if group.Wrong > 0 {
			group.Kind, group.Value = kind, name(key)
			out = append(out, *group)
		}
	}
	slices.SortFunc(out, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Wrong, a.Wrong), cmp.Compare(a.Right, b.Right), cmp.Compare(a.Value, b.Value))
	})
	return out[:min(len(out), mostListed)]
}
