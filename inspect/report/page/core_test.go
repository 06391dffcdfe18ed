package page

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"pgregory.net/rapid"

	"asof/inspect"
	"asof/inspect/inspecttest"
	"asof/inspect/report"
	"asof/replay"
	"asof/replay/state"
)

// asking runs the script's arithmetic without a browser. It answers as text.
const asking = `
function text(v) {
  if (v === undefined) return 'absent';
  if (v instanceof core.Num) return v.text;
  if (Array.isArray(v)) return '[' + v.map(text).join() + ']';
  if (!(v instanceof core.Obj)) return JSON.stringify(v);
  return '{' + Array.from(v.members.keys()).sort().map(k => JSON.stringify(k) + ':' + text(v.members.get(k))).join() + '}';
}
function plain(o) { const out = {}; o.members.forEach((v, k) => { out[k] = v instanceof core.Num ? Number(v.text) : v; }); return out; }
var data, history, versions;
function load(json) {
  data = plain(core.parse(json));
  versions = data.events.map(e => e.members.get('version').text);
  history = new core.History(data.opening, data.events.map(e => ({changes: e.members.get('changes').map(c => {
    const change = plain(c);
    ['from', 'to'].forEach(k => { if (c.members.has(k)) change[k] = c.members.get(k); });
    if (change.splice) change.splice = plain(change.splice);
    return change;
  })})));
}
function by(e) { return e === core.BEFORE ? '-' : versions[e]; }
function stateAt(n) { history.go(n); return text(core.valueOf(history.root)); }
function ends(n) { history.go(n); return String(core.equal(core.valueOf(history.root), data.closing)); }
function blame(n) { history.go(n); return history.blame().map(b => b[0] + ' ' + by(b[1])).join('\n'); }
function line(c) { return c.op + ' ' + c.path + ' ' + text(c.from) + ' ' + text(c.to); }
function historyOf(n, path) {
  history.go(n);
  return history.history(path).map(h => versions[h.event] + ': ' + h.changes.map(line).join('; ')).join('\n');
}
function diffOf(a, b) { return core.diff(history.value(a), history.value(b), data.array_keys || null).map(line).join('\n'); }
function pathsOf(a, b) { return core.diff(history.value(a), history.value(b), null).map(c => c.op + ' ' + c.path).join('\n'); }
`

var program = goja.MustCompile("page.js", coreJS+lcsJS+diffJS+asking, false)

// A machine is the script of a page, with its data.
type machine struct {
	t   inspecttest.T
	run *goja.Runtime
}

// islandOf is the JSON in the page of a report.
func islandOf(t inspecttest.T, r *report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r, Options{}); err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(b.String(), `<script type="application/gzip" id="data">`)
	text, _, closed := strings.Cut(rest, "</script>")
	if !ok || !closed {
		t.Fatal("the page has no data")
	}
	z, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	json, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(json)
}

func machineOf(t inspecttest.T, r *report.Report) *machine {
	t.Helper()
	m := &machine{t: t, run: goja.New()}
	if _, err := m.run.RunProgram(program); err != nil {
		t.Fatal(err)
	}
	m.call("load", islandOf(t, r))
	return m
}

func (m *machine) call(name string, args ...any) string {
	m.t.Helper()
	f, ok := goja.AssertFunction(m.run.Get(name))
	if !ok {
		m.t.Fatal("no function " + name)
	}
	var values []goja.Value
	for _, a := range args {
		values = append(values, m.run.ToValue(a))
	}
	v, err := f(goja.Undefined(), values...)
	if err != nil {
		m.t.Fatal(name, err)
	}
	return v.String()
}

// linesOf are changes as the script of the test writes them.
func linesOf(changes []state.Change) string {
	var all []string
	for _, c := range changes {
		all = append(all, string(c.Op)+" "+c.Path+" "+jsonOf(c.From)+" "+jsonOf(c.To))
	}
	return strings.Join(all, "\n")
}

func jsonOf(v state.Value) string {
	if v.IsAbsent() {
		return "absent"
	}
	return string(state.AppendSorted(nil, v))
}

func reportOf(t inspecttest.T, s replay.Subject, i replay.Interval) *report.Report {
	t.Helper()
	r, err := report.New(context.Background(), s, i, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestScriptAgrees compares the page's own arithmetic with the verbs: the state at every
// event, blame and the history of every path, and the difference of any two points.
func TestScriptAgrees(t *testing.T) {
	inspecttest.EachStyle(t, func(t *testing.T, script string) {
		rapid.Check(t, func(t *rapid.T) {
			ctx := context.Background()
			s := inspecttest.SubjectOf(t, inspecttest.Histories(25).Draw(t, "history"), script)
			head := int(inspecttest.MomentAt(t, s, replay.Head()).Version())
			from := rapid.IntRange(0, head).Draw(t, "from")
			m := machineOf(t, reportOf(t, s, inspecttest.Between(s, from, head)))
			for j, n := range rapid.SliceOfN(rapid.IntRange(from, head), 1, 8).Draw(t, "points") {
				i := inspecttest.Between(s, from, n)
				r, err := inspect.Replay(ctx, s, i.To)
				if err != nil {
					t.Fatal(err)
				}
				if got, want := m.call("stateAt", n-from), jsonOf(r.State); got != want {
					t.Fatalf("at %d the page has %s, replay %s", n, got, want)
				}
				if j < 2 { // which takes three times as long as the state
					sameBlame(t, m, s, i, n-from)
				}
			}
			if got := m.call("ends", head-from); got != "true" {
				t.Fatalf("the last state is not the one that the page has: %s", got)
			}
			a, b := rapid.IntRange(from, head).Draw(t, "a"), rapid.IntRange(from, head).Draw(t, "b")
			i := inspecttest.Between(s, a, b)
			d, err := inspect.DiffRange(ctx, s, i.From, i.To)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := sorted(m.call("diffOf", a-from, b-from)), sorted(linesOf(d.Changes)); got != want {
				t.Fatalf("from %d to %d the page has\n%s\ndiff\n%s", a, b, got, want)
			}
		})
	})
}

// sameBlame compares blame, and the history of each path that blame lists.
func sameBlame(t *rapid.T, m *machine, s replay.Subject, i replay.Interval, n int) {
	b, err := inspect.Blame(context.Background(), s, i, "")
	if err != nil {
		t.Fatal(err)
	}
	var lines, paths []string
	b.Each(func(p inspect.PathBlame) bool {
		by := "-"
		if p.By != nil && p.By.Event != nil {
			by = strconv.FormatInt(int64(p.By.Event.Version), 10)
		}
		lines = append(lines, p.Path+" "+by)
		for at := range p.Path {
			if at > 0 && p.Path[at] == '/' {
				paths = append(paths, p.Path[:at])
			}
		}
		paths = append(paths, p.Path)
		return true
	})
	if got, want := sorted(m.call("blame", n)), sorted(strings.Join(lines, "\n")); got != want {
		t.Fatalf("after %d events the page blames\n%s\nblame\n%s", n, got, want)
	}
	for _, path := range append(paths, "/p", "/list/0", "/list/1/n", "/none") {
		tokens, _ := state.ParsePointer(path)
		var want []string
		for e, err := range inspect.History(context.Background(), s, i, state.Path{Pointer: inspect.Pointer(tokens)}, nil) {
			if err != nil {
				if _, missing := err.(*state.PathError); !missing {
					t.Fatal(err)
				}
				break
			}
			want = append(want, strconv.FormatInt(int64(e.Event.Version), 10)+": "+strings.ReplaceAll(linesOf(e.Here), "\n", "; "))
		}
		if got := m.call("historyOf", n, path); got != strings.Join(want, "\n") {
			t.Fatalf("after %d events the history of %s is on the page\n%s\nblame --history\n%s", n, path, got, strings.Join(want, "\n"))
		}
	}
}

// sorted sorts lines: the order of members is no part of an answer.
func sorted(lines string) string {
	all := strings.Split(lines, "\n")
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// TestScriptComparesAnyDepth compares states that are nested deeper than a browser's
// stack. The limit of the machine stands for the browser's.
func TestScriptComparesAnyDepth(t *testing.T) {
	const levels = 1_000
	for _, shape := range [][2]string{{`{"a":`, `}`}, {`[`, `]`}, {`[0,`, `,2]`}, {`[{"id":7,"a":`, `}]`}, {`[{"x":[1],"a":`, `}]`}} {
		around := func(leaf string) string {
			return `Put {"deep": ` + strings.Repeat(shape[0], levels) + leaf + strings.Repeat(shape[1], levels) + `}`
		}
		s := inspecttest.SubjectOf(t, []string{around("1"), around("2")}, "")
		m := machineOf(t, reportOf(t, s, inspecttest.Between(s, 0, 2)))
		m.run.SetMaxCallStackSize(100)
		i := inspecttest.Between(s, 1, 2)
		d, err := inspect.DiffRange(context.Background(), s, i.From, i.To)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := m.call("pathsOf", 1, 2), pathsOf(d.Changes); got != want {
			t.Errorf("%s: the page changes %.80q, diff %.80q", shape[0], got, want)
		}
	}
}

// pathsOf are changes without their values, as the script of the test writes them.
func pathsOf(changes []state.Change) string {
	var all []string
	for _, c := range changes {
		all = append(all, string(c.Op)+" "+c.Path)
	}
	return strings.Join(all, "\n")
}
