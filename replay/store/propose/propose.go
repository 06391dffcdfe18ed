package propose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"asof/replay/store/source"
	"asof/replay/store/table"
)

// Reading is what a table may be read as, or what it lacks.
type Reading struct {
	Proposals []source.Proposal // the likeliest first
	Lacks     string            // why there is none
	Score     int               // how near it is to being a table of events
}

// An analysis is one look at a table.
type analysis struct {
	t       *table.Table
	s       *Sample
	columns []*column
	taken   map[*column]bool
	stored  bool // it has rowids

	parts    []*column
	version  *column // stored, 1..n within the stream
	revision *column
	keyed    bool // by a unique index
	weak     bool // what names the stream, or counts in it, may do so in any table
	doubt    *column
	merged   []*column // the stream, if the doubt is right
	repeated *column   // a sequence that no stream has once
	half     *column   // a tenant or a type that some rows lack
	fields   [source.NumFields]*column
	unclear  []string // columns that may each name the stream
	typeAt   string   // the type, as a place in the payload
	orders   []string
	why      []string
	score    int // in halves
}

// Of works out how a table can be read: by its columns or, if they do not say enough, by
// the members of its JSON columns as well.
func Of(t *table.Table, s *Sample) Reading {
	columns := profile(t, s, nil)
	r := of(t, s, columns)
	if len(r.Proposals) > 0 {
		return r
	}
	if wide, more, members, ok := widened(t, s, columns); ok {
		if within := of(wide, more, profile(wide, more, members)); len(within.Proposals) > 0 {
			return within
		}
	}
	return r
}

func of(t *table.Table, s *Sample, columns []*column) Reading {
	a := &analysis{t: t, s: s, columns: columns, taken: map[*column]bool{}, stored: t.RowID() != ""}
	if strings.Contains(strings.ToLower(t.Name), "snapshot") {
		return Reading{Lacks: "its name suggests snapshots"}
	}
	if strings.EqualFold(t.Name, "durable_state") { // of Akka
		return Reading{Lacks: "its name suggests states"}
	}
	if !a.byKey() && !a.byName() {
		if a.unclear != nil {
			return Reading{Lacks: a.say("each of the columns " + strings.Join(a.unclear, ", ") + " may tell which entity a row is of"), Score: a.score}
		}
		return Reading{Lacks: a.say("no column names the entity of a row"), Score: a.score}
	}
	if a.version == nil && !a.keyed {
		a.storedVersion()
	}
	a.position()
	a.payload()
	a.kindOfEvent()
	a.times()
	a.others()
	if lacks := a.lacks(); lacks != "" {
		return Reading{Lacks: a.say(lacks), Score: a.score}
	}
	return Reading{Proposals: a.proposals(), Score: a.score}
}

var ofEvents = strings.NewReplacer("column", "member", "columns", "members", "a row", "an event", "the rows", "the events", "any table", "any file")

// say words what a table lacks for what was sampled.
func (a *analysis) say(lacks string) string {
	if a.s.Events {
		return ofEvents.Replace(lacks)
	}
	return lacks
}

func (a *analysis) take(f source.Field, c *column) {
	if c == nil {
		return
	}
	a.fields[f], a.taken[c] = c, true
	a.why = append(a.why, c.Name+" looks like the "+source.FieldNames[f])
}

// enough is how sure one must be, in halves.
const enough = 5

// lacks says why the table is not proposed.
func (a *analysis) lacks() string {
	typ, data := a.fields[source.Type], a.fields[source.Data]
	named := a.isNamed()
	if named {
		a.score += 2
	}
	bare := data == nil && a.rest() == "" && named && !a.weak // the type says it all
	sure := a.typeAt != "" || typ != nil && typ.called(strongTypes) || named && a.keyed
	switch {
	case a.half != nil:
		return "some rows have no " + a.half.Name + ", which tells apart rows of one " + a.parts[len(a.parts)-1].Name
	case a.version == nil && a.repeated != nil:
		return a.repeated.Name + " repeats within " + a.streamNames() + ": a tenant or a type may be missing from the stream"
	case a.version == nil && a.orders == nil:
		return "nothing orders the rows of an entity: no version, no serial number, no time"
	case typ == nil && a.typeAt == "":
		return "no column has the type of an event"
	case data == nil && !bare && (a.fields[source.Time] == nil || a.rest() == ""):
		return "no column holds a payload"
	case a.weak && !sure:
		return "its columns are generic: none is named like a stream or an event type"
	case a.score < enough:
		return "too little suggests an event log"
	}
	return ""
}

// isNamed reports whether the table is named as logs of events are.
func (a *analysis) isNamed() bool {
	return slices.ContainsFunc(tableNames, func(n string) bool { return endsIn(a.t.Name, n) })
}

func endsIn(name, last string) bool {
	w := words(name)
	return len(w) > 0 && (w[len(w)-1] == last || strings.Join(w, "") == last)
}

// rest is the payload of a table without a column for it: the columns that are left.
func (a *analysis) rest() string {
	var names []string
	for _, c := range a.columns {
		if !a.taken[c] && c.within == "" {
			names = append(names, c.word())
		}
	}
	return strings.Join(names, "+")
}

// proposals are the mappings that the table can be read by.
func (a *analysis) proposals() []source.Proposal {
	if a.version != nil {
		out := []source.Proposal{a.proposal(a.version.word(), nil)}
		if a.doubt != nil && a.orders != nil {
			if a.merged != nil {
				a.parts = a.merged
			}
			out = append(out, a.proposal(a.orders[0], a.doubt))
		}
		return out
	}
	var out []source.Proposal
	for _, order := range a.orders {
		out = append(out, a.proposal(order, a.revision))
	}
	return out
}

func (a *analysis) proposal(version string, revision *column) source.Proposal {
	p := source.Proposal{Table: a.t.Name, Map: map[string]string{}, Score: a.score, Why: a.why}
	p.Map["stream"], p.Map["version"] = a.streamNames(), version
	for f, c := range a.fields {
		if c != nil {
			p.Map[source.FieldNames[f]] = c.word()
		}
	}
	if a.fields[source.Position] == nil && a.stored && a.risesWithRows() {
		p.Map["position"] = "rowid"
	}
	if a.typeAt != "" {
		p.Map["type"] = a.typeAt
	}
	if a.fields[source.Data] == nil {
		p.Map["data"] = cmp.Or(a.rest(), "*")
	}
	if revision != nil {
		p.Map["revision"] = revision.word()
	}
	if strings.HasPrefix(version, "#") {
		p.Why = append(slices.Clone(p.Why), fmt.Sprintf("versions are counted by %s", version[1:]))
	}
	return p
}

// risesWithRows reports whether times, where there are any, do not contradict the order
// in which the rows lie.
func (a *analysis) risesWithRows() bool {
	t := a.fields[source.Time]
	return t == nil || inOrder(a.s, t)
}

// streamNames is the stream as a mapping has it.
func (a *analysis) streamNames() string {
	names := make([]string, len(a.parts))
	for i, c := range a.parts {
		names[i] = c.word()
	}
	return strings.Join(names, "+")
}
