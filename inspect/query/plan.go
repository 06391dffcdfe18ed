package query

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay"
)

// Limits are the parts of a condition that the reader of events takes over. SQLite checks
// the whole condition again.
type limits struct {
	none     bool // no row can be right
	stream   *replay.StreamID
	category *string
	at       *string
	reverse  bool
	byType   bool // rows come in the order of types

	// Of single events.
	typ       *string
	positions span
	versions  span
	times     []timeLimit
	after     *replay.Cut // that it is not in; nil: none
}

// A span is a range of numbers, both ends included.
type span struct{ low, high int64 }

var allNumbers = span{math.MinInt64, math.MaxInt64}

// A timeLimit compares the time of an event, as the text that it has in SQL.
type timeLimit struct{ op, text string }

func allRows() limits { return limits{positions: allNumbers, versions: allNumbers} }

// narrow reports whether single events are left out.
func (l *limits) narrow() bool {
	return l.after != nil || l.typ != nil || len(l.times) > 0 || l.positions != allNumbers || l.versions != allNumbers
}

// has reports whether an event is within the limits of single events.
func (l *limits) has(e *replay.Event) bool {
	if l.after != nil && l.after.Has(e) || l.typ != nil && e.Type != *l.typ || !l.versions.has(int64(e.Version)) {
		return false
	}
	if l.positions != allNumbers && (e.Position == replay.NoPosition || !l.positions.has(int64(e.Position))) {
		return false
	}
	if len(l.times) == 0 {
		return true
	}
	at := timeValue(e.Time)
	for _, c := range l.times {
		if at.Type() == sqlite.TypeNull || !c.holds(at.Text()) {
			return false
		}
	}
	return true
}

func (s span) has(n int64) bool { return s.low <= n && n <= s.high }

func (c timeLimit) holds(at string) bool {
	switch order := strings.Compare(at, c.text); c.op {
	case "=":
		return order == 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	default:
		return order >= 0
	}
}

// The operators that limits can take over, as they are written in a plan.
var planned = map[sqlite.IndexConstraintOp]string{
	sqlite.IndexConstraintEq: "=", sqlite.IndexConstraintLT: "<", sqlite.IndexConstraintLE: "<=",
	sqlite.IndexConstraintGT: ">", sqlite.IndexConstraintGE: ">=",
}

// pushes reports whether a condition on a column narrows what is read.
func (t *table) pushes(c sqlite.IndexConstraint) bool {
	op, ok := planned[c.Op]
	if !ok || c.Column < 0 || c.Column >= len(t.cols) || t.cols[c.Column].member {
		return false
	}
	binary := c.Collation == "" || strings.EqualFold(c.Collation, "BINARY")
	switch t.cols[c.Column].name {
	case momentColumn:
		return op == "="
	case "stream", "category", "type":
		return op == "=" && binary
	case "position", "version":
		return true
	case "time":
		return binary
	}
	return false
}

// BestIndex implements sqlite.VTable. The plan is written into the index: the used
// columns, the order, and a column and operator for each argument of Filter.
func (t *table) BestIndex(in *sqlite.IndexInputs) (*sqlite.IndexOutputs, error) {
	out := &sqlite.IndexOutputs{ConstraintUsage: make([]sqlite.IndexConstraintUsage, len(in.Constraints))}
	var plan []string
	var pushed []sqlite.IndexConstraint
	cost := 1e6
	for i, c := range in.Constraints {
		asksMoment := c.Column == t.index(momentColumn) && c.Op == sqlite.IndexConstraintEq
		if asksMoment && !c.Usable {
			return nil, sqlite.ResultConstraint.ToError() // another order of tables knows it
		}
		if !c.Usable || !t.pushes(c) {
			continue
		}
		plan = append(plan, strconv.Itoa(c.Column)+planned[c.Op])
		pushed = append(pushed, c)
		out.ConstraintUsage[i] = sqlite.IndexConstraintUsage{ArgvIndex: len(plan), Omit: asksMoment}
		cost *= t.share(t.cols[c.Column].name)
	}
	order := t.order(in.OrderBy, pushed)
	if t.ordersTypes(in, pushed) {
		order = "type"
	}
	out.OrderByConsumed = order != ""
	out.ID = sqlite.IndexID{Num: t.db.chose(t, in, pushed, order != ""), String: fmt.Sprintf("%x %s %s", in.ColumnsUsed, order+".", strings.Join(plan, ","))}
	out.EstimatedCost, out.EstimatedRows = cost, int64(cost)
	return out, nil
}

// share is how much of a table a condition on a column leaves to read, as a guess. States
// are folded from all events of a stream, however few of these are asked for.
func (t *table) share(name string) float64 {
	switch {
	case name == "stream":
		return 1e-3
	case name == momentColumn:
		return 1
	case name == "category" || t.kind == ofEvents:
		return 0.25
	}
	return 0.9
}

// order is asc or desc if the rows can be read in the order that is asked for. One stream
// is read in the order of its versions.
func (t *table) order(by []sqlite.IndexOrderBy, pushed []sqlite.IndexConstraint) string {
	if slices.ContainsFunc(pushed, func(c sqlite.IndexConstraint) bool { return t.cols[c.Column].name == "stream" }) {
		return ""
	}
	if t.kind != ofEvents || len(by) != 1 || by[0].Column < 0 || t.cols[by[0].Column].name != "position" ||
		!t.db.src.Reader.Info().Has("positions") {
		return ""
	}
	if by[0].Desc {
		return "desc"
	}
	return "asc"
}

// limitsOf reads a plan, with the arguments that SQLite gives for it.
func (t *table) limitsOf(id sqlite.IndexID, args []sqlite.Value) (limits, need, error) {
	words := strings.SplitN(id.String, " ", 3)
	used, err := strconv.ParseUint(words[0], 16, 64)
	if err != nil || len(words) != 3 {
		return limits{}, 0, fmt.Errorf("bad plan %q", id.String)
	}
	l := allRows()
	l.reverse, l.byType = words[1] == "desc.", words[1] == "type."
	if words[2] == "" {
		return l, need(used), nil
	}
	for i, text := range strings.Split(words[2], ",") {
		at := strings.IndexAny(text, "=<>")
		col, err := strconv.Atoi(text[:at])
		if err != nil {
			return l, 0, err
		}
		l.take(t.cols[col].name, text[at:], args[i])
		if t.cols[col].name == "time" && args[i].Type() == sqlite.TypeText {
			t.db.noteTime(args[i].Text())
		}
	}
	return l, need(used), nil
}

// take narrows the limits by a condition.
func (l *limits) take(name, op string, v sqlite.Value) {
	if v.Type() == sqlite.TypeNull {
		l.none = true
		return
	}
	if name == momentColumn {
		text := v.Text()
		l.none = l.none || l.at != nil && *l.at != text
		l.at = &text
		return
	}
	if s := map[string]*span{"position": &l.positions, "version": &l.versions}[name]; s != nil {
		if v.Type() == sqlite.TypeInteger {
			s.take(op, v.Int64())
			l.none = l.none || s.low > s.high
		}
		return
	}
	if v.Type() != sqlite.TypeText {
		return
	}
	text := v.Text()
	switch name {
	case "stream":
		l.stream = (*replay.StreamID)(&text)
	case "category":
		l.category = &text
	case "type":
		l.typ = &text
	case "time":
		l.times = append(l.times, timeLimit{op, text})
	}
}

// take narrows the span. One in which nothing is has its low end above the high one.
func (s *span) take(op string, n int64) {
	switch {
	case op == "=":
		s.low, s.high = max(s.low, n), min(s.high, n)
	case op == ">=":
		s.low = max(s.low, n)
	case op == "<=":
		s.high = min(s.high, n)
	case op == ">" && n < math.MaxInt64:
		s.low = max(s.low, n+1)
	case op == "<" && n > math.MinInt64:
		s.high = min(s.high, n-1)
	default:
		s.low, s.high = 1, 0
	}
}
