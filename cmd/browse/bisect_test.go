package browse

import (
	"strings"
	"testing"

	"asof/replay"
)

// TestBisectNarrows shows good and bad in the list before the search ends.
func TestBisectNarrows(t *testing.T) {
	d := drive(t, shop(t), Options{Stream: "cart-42@28"}, 80, 24)
	s := d.m.stream
	tr := &trial{}
	s.asking.busy = true // the search continues
	for v := replay.Version(1); v <= 28; v++ {
		tr.tested(v, v == 28)
	}
	_, next := d.m.Update(s.narrow(d.m, tr)())
	got := d.screen()
	if next == nil || !strings.Contains(got, "✗") || !strings.Contains(got, "✓") || !strings.Contains(got, "tested up to 28: bad at 28") {
		t.Errorf("the search is not seen:\n%s", got)
	}
	tr.end()
	s.asking.busy = false
	if _, last := d.m.Update(next()); last != nil {
		t.Error("an ended search is looked at again")
	}
}
