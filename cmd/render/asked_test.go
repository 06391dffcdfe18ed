package render

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"asof/inspect/ask"
	"asof/inspect/sample"
	"asof/replay/state"
)

// askedOf is a question about the last event of the samples.
func askedOf(cs []state.Change) Question {
	events := sample.Events()
	return Question{Old: "good", New: "bad", Question: &ask.Question{
		At: events[len(events)-1].Moment(), State: sample.Parse(sample.CartBefore),
		HasGood: cs != nil, Since: events[0].Moment(), Changes: cs, Left: 31, Tests: 5,
	}}
}

// A question with its prompt fits a terminal of 80x24, whatever changed. The change comes
// first, so that it stays in sight when the rest scrolls.
func TestAskedFitsAScreen(t *testing.T) {
	var many []state.Change
	for range 20 {
		many = append(many, hardChanges(t)...)
	}
	for name, cs := range map[string][]state.Change{
		"hard changes": hardChanges(t), "many changes": many, "no change": {}, "no good state": nil,
	} {
		var out bytes.Buffer
		p := New(&out, Options{Width: 80})
		p.Asked(askedOf(cs), false)
		p.Prompt(askedOf(cs))
		if err := p.Flush(); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(out.String(), "\n")
		if len(lines) > 22 {
			t.Errorf("%s: a question has %d lines:\n%s", name, len(lines), out.String())
		}
		for _, l := range lines {
			if width(safe(l)) > 80 {
				t.Errorf("%s: a line has %d columns: %s", name, width(safe(l)), l)
			}
		}
		if cs != nil && !strings.HasPrefix(out.String(), "\nchanged since 1:\n") {
			t.Errorf("%s: the change does not come first:\n%s", name, out.String())
		}
	}
}

// A blame gives values at least as much room as it takes for the events beside them.
func TestBlameLeavesRoomForValues(t *testing.T) {
	for w := 50; w <= 200; w += 5 {
		for _, a := range whoAnswers()[:2] {
			for line := range strings.Lines(string(render(t, a, Options{Width: w}))) {
				gutter, _, ok := strings.Cut(line, "│")
				if edge := width(safe(gutter)); ok && edge > w/2 && w-edge < blameRoom {
					t.Fatalf("%s at %d columns: the gutter has %d:\n%s", a.name, w, edge, line)
				}
			}
		}
	}
}

// Times are read in a zone: each answer with times names it, and names it once.
func TestAnswersNameTheZoneOnce(t *testing.T) {
	for _, a := range answers() {
		for _, w := range []int{0, 60, 80, 120} {
			const zone = "Europe/Berlin"
			loc := mustZone(t, zone)
			text := string(render(t, a, Options{Width: w, Zone: loc}))
			var out bytes.Buffer
			p := New(&out, Options{Width: w, Zone: loc})
			if err := a.print(t, p); err != nil {
				t.Fatal(err)
			}
			text += p.ZoneNote()
			want := 0
			if p.clocks {
				want = 1
			}
			got := strings.Count(text, zone) + strings.Count(text, " +01:00") + strings.Count(text, " +02:00")
			if got != want {
				t.Errorf("%s at %d columns names the zone %d times, want %d:\n%s", a.name, w, got, want, text)
			}
		}
	}
}

func mustZone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}
