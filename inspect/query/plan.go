package query

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay"
)

// Limits are the parts of a condition that the reader of events takes over. SQLite checks
// the whole condition again.
type limits struct {
	none       bool // no row can be right
	stream     *replay.StreamID
	category   *string
	typ        *string
	low, high  int64 // positions, both included
	at         *string
	byPosition bool // rows must come in the order of positions
	reverse    bool
}

func allRows() limits { return limits{low: math.MinInt64, high: math.MaxInt64} }

// The operators that limits can take over, as they are written in a plan.
var planned = map[sqlite.IndexConstraintOp]string{
	sqlite.IndexConstraintEq: "=", sqlite.IndexConstraintLT: "<", sqlite.IndexConstraintLE: "<=",
	sqlite.IndexConstraintGT: ">", sqlite.IndexConstraintGE: ">=",
}

// pushes reports whether a condition on a column narrows what is read.
func (t *table) pushes(c sqlite.IndexConstraint) bool {
	op, ok := planned[c.Op]
	if !ok || c.Column < 0 || c.Column >= len(t.cols) {
		return false
	}
	switch t.cols[c.Column].name {
	case momentColumn:
		return op == "="
	case "stream", "category":
		return op == "=" && (c.Collation == "" || strings.EqualFold(c.Collation, "BINARY"))
	case "type":
		return op == "=" && t.kind == ofEvents && (c.Collation == "" || strings.EqualFold(c.Collation, "BINARY"))
	case "position":
		return t.kind == ofEvents
	}
	return false
}

// BestIndex implements sqlite.VTable. The plan is written into the index: the used
// columns, the order, and a column and operator for each argument of Filter.
func (t *table) BestIndex(in *sqlite.IndexInputs) (*sqlite.IndexOutputs, error) {
	out := &sqlite.IndexOutputs{ConstraintUsage: make([]sqlite.IndexConstraintUsage, len(in.Constraints))}
	var plan []string
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
		out.ConstraintUsage[i] = sqlite.IndexConstraintUsage{ArgvIndex: len(plan), Omit: asksMoment}
		switch name := t.cols[c.Column].name; {
		case name == "stream":
			cost /= 1000
		case name != momentColumn:
			cost /= 4
		}
	}
	order := t.order(in.OrderBy)
	out.OrderByConsumed = order != ""
	out.ID = sqlite.IndexID{String: fmt.Sprintf("%x %s %s", in.ColumnsUsed, order+".", strings.Join(plan, ","))}
	out.EstimatedCost, out.EstimatedRows = cost, int64(cost)
	return out, nil
}

// order is asc or desc if the rows can be read in the order that is asked for.
func (t *table) order(by []sqlite.IndexOrderBy) string {
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
	l.byPosition, l.reverse = words[1] != ".", words[1] == "desc."
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
		l.at = &text
		return
	}
	if name == "position" {
		if v.Type() == sqlite.TypeInteger {
			l.takePosition(op, v.Int64())
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
	}
}

func (l *limits) takePosition(op string, n int64) {
	switch {
	case op == "=":
		l.low, l.high = max(l.low, n), min(l.high, n)
	case op == ">=":
		l.low = max(l.low, n)
	case op == "<=":
		l.high = min(l.high, n)
	case op == ">" && n < math.MaxInt64:
		l.low = max(l.low, n+1)
	case op == "<" && n > math.MinInt64:
		l.high = min(l.high, n-1)
	case op == ">" || op == "<":
		l.none = true
	}
	l.none = l.none || l.low > l.high
}
