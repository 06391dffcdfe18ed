package audit

import (
	"encoding/hex"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"asof/replay"

	"golang.org/x/mod/sumdb/tlog"

	"asof/replay/state"
)

func hexOf(h tlog.Hash) string { return hex.EncodeToString(h[:]) }

// A total is the control total of the exported events of one type.
type total struct {
	events int64
	bytes  int64 // of the exported payloads as stored
	sums   map[string]*sum
}

// A sum adds up one numeric member of a payload, exactly.
type sum struct {
	events  int64
	value   big.Int
	scale   int // digits after the decimal point
	skipped int64
}

const (
	maxSums   = 64  // summed members per type
	maxDigits = 100 // digits of a summed number
)

func (t *total) add(l *leaf) {
	t.events++
	if !l.withheldPayload {
		t.bytes += int64(len(l.stored.Data))
	}
	if l.content.data.Kind() != state.Object {
		return
	}
	l.content.data.Node().Each(func(k string, v state.Value) bool {
		if v.Kind() != state.Number {
			return true
		}
		s, ok := t.sums[k]
		if !ok {
			if len(t.sums) == maxSums || len(k) > wholePath {
				return true
			}
			s = &sum{}
			t.sums[strings.Clone(k)] = s
		}
		s.add(v.Text())
		return true
	})
}

// add adds a number as it is written. Numbers in scientific notation and numbers
// longer than maxDigits are counted as skipped.
func (s *sum) add(text string) {
	digits, fraction, _ := strings.Cut(text, ".")
	n, ok := new(big.Int), len(text) <= maxDigits
	if ok {
		_, ok = n.SetString(digits+fraction, 10)
	}
	if !ok {
		s.skipped++
		return
	}
	s.events++
	for ; s.scale < len(fraction); s.scale++ {
		s.value.Mul(&s.value, big.NewInt(10))
	}
	for i := len(fraction); i < s.scale; i++ {
		n.Mul(n, big.NewInt(10))
	}
	s.value.Add(&s.value, n)
}

func (s *sum) String() string {
	text := s.value.String()
	if s.scale == 0 {
		return text
	}
	sign := ""
	if text[0] == '-' {
		sign, text = "-", text[1:]
	}
	for len(text) <= s.scale {
		text = "0" + text
	}
	return sign + text[:len(text)-s.scale] + "." + text[len(text)-s.scale:]
}

// totalsJSON is [{"type","events","payload_bytes","sums":{"/data/qty":{…}}}].
func totalsJSON(all map[string]*total) state.Value {
	out := state.NewArray()
	for _, typ := range slices.Sorted(maps.Keys(all)) {
		t, sums := all[typ], state.NewObject()
		for _, k := range slices.Sorted(maps.Keys(t.sums)) {
			s := t.sums[k]
			sums.Set("/data/"+state.EscapeToken(k), object(
				"events", s.events, "sum", state.NumberValue(s.String()), "not_added", s.skipped,
			))
		}
		out.Append(object("type", typ, "events", t.events, "payload_bytes", t.bytes, "sums", sums.Value()))
	}
	return out.Value()
}

// coverage counts how many events have each field that audit rules require
// (PCI DSS 10.2.2, NIST SP 800-53 AU-3).
type coverage struct {
	events  int64
	columns [len(required)]int64
	from    [len(required)]map[string]int64 // by the place it was found in
	missing map[string]int64                // events without an actor, by type
}

// required are the fields that audit rules require. members are the members of the
// metadata that stand in for a part the envelope does not have.
var required = [...]struct {
	name, asks string
	where      string // the part of the envelope
	at         func(*envelope) string
	members    []string
}{
	{"who", "user identification", "the actor", func(v *envelope) string { return v.actor }, nil},
	{"what", "type of event", "the type", func(v *envelope) string { return v.typ }, nil},
	{"when", "date and time", "the time", func(v *envelope) string { return v.time }, nil},
	{"outcome", "success or failure", "", nil, []string{"outcome", "result", "status", "success"}},
	{"where_from", "origination of event", "", nil, []string{"ip", "ip_address", "ipAddress", "remote_addr", "remoteAddress", "client_ip", "clientIp", "host", "hostname", "device", "terminal"}},
	{"on_what", "affected data, component or resource", "the stream", func(*envelope) string { return "always" }, nil},
	{"correlation", "which conversation it was part of", "the correlation id", func(v *envelope) string { return v.correlation }, nil},
	{"causation", "which event or command caused it", "the causation id", func(v *envelope) string { return v.causation }, nil},
}

func (c *coverage) add(l *leaf) {
	c.events++
	if l.content.actor == "" {
		if c.missing == nil {
			c.missing = map[string]int64{}
		}
		c.missing[l.content.typ]++
	}
	for i := range required {
		r := &required[i]
		where := ""
		if r.at != nil && r.at(&l.content.envelope) != "" {
			where = r.where
		}
		for _, m := range r.members {
			if v := get(l.content.meta, m); where == "" && !v.IsAbsent() && v.Kind() != state.Null {
				where = "/metadata/" + m
			}
		}
		if where == "" {
			continue
		}
		c.columns[i]++
		if c.from[i] == nil {
			c.from[i] = map[string]int64{}
		}
		c.from[i][where]++
	}
}

func (c *coverage) json() state.Value {
	fields := state.NewArray()
	for i, r := range required {
		from := state.NewObject()
		for _, w := range slices.Sorted(maps.Keys(c.from[i])) {
			from.Set(w, integer(c.from[i][w]))
		}
		fields.Append(object(
			"field", r.name, "asks_for", r.asks, "events", c.columns[i], "of", c.events,
			"share", share(c.columns[i], c.events), "from", from.Value(),
		))
	}
	missing := state.NewObject()
	for _, t := range slices.Sorted(maps.Keys(c.missing)) {
		missing.Set(t, integer(c.missing[t]))
	}
	return object("events", c.events, "fields", fields.Value(), "without_an_actor", missing.Value())
}

// share returns n/of in percent with two digits, rounded down: only n == of gives
// 100.
func share(n, of int64) state.Value {
	if of == 0 {
		return state.NullValue()
	}
	bp := new(big.Int).Div(new(big.Int).Mul(big.NewInt(n), big.NewInt(10_000)), big.NewInt(of)).Int64()
	frac := strconv.FormatInt(100+bp%100, 10)[1:]
	return state.NumberValue(strconv.FormatInt(bp/100, 10) + "." + frac)
}

// anomalies are irregularities of the history that an auditor should know about.
type anomalies struct {
	counts map[string]int64
	lists  map[string][]state.Value

	bounded bool // duplicate ids were looked for among the first maxIDs only
}

// maxAnomalies is the maximum number listed of each kind; all are counted.
const maxAnomalies = 1000

func (a *anomalies) add(kind, event, what string) {
	if a.counts == nil {
		a.counts, a.lists = map[string]int64{}, map[string][]state.Value{}
	}
	a.counts[kind]++
	if len(a.lists[kind]) < maxAnomalies {
		a.lists[kind] = append(a.lists[kind], object("event", event, "what", what))
	}
}

// anomalyErased is the kind that only the owner can find, who has the erased values.
const anomalyErased = "erased value remains"

// kinds returns the kinds of anomalies that are looked for.
func (a *anomalies) kinds() []string {
	return []string{"gap", "duplicate id", "time runs backwards", "versions out of order", "no time", "opaque payload", anomalyErased}
}

func (a *anomalies) json() state.Value {
	out := state.NewObject()
	for _, kind := range slices.Sorted(maps.Keys(a.counts)) {
		out.Set(kind, object(
			"events", a.counts[kind], "listed", len(a.lists[kind]), "list", state.NewArray(a.lists[kind]...).Value(),
		))
	}
	lookedFor := a.kinds()
	if a.bounded {
		lookedFor[1] += " (among the first " + replay.Counted(maxIDs, "event", "events") + ")"
	}
	return object("kinds", out.Value(), "looked_for", lookedFor)
}
