package contrast_test

import (
	"reflect"
	"testing"

	"asof/inspect/contrast"
)

// TestAnswerIsTheStores gives the same answer with any number of workers, also where memory
// allows to compare only some of the streams.
func TestAnswerIsTheStores(t *testing.T) {
	f := newFleet(3, 400, 0.004, plants[2].plant)
	for _, entries := range []int64{0, 12_000} {
		o := contrast.Options{Entries: entries}
		want := f.study(t, o, 1)
		if (want.LeftOut > 0) != (entries > 0) || want.AllGood != want.LeftOut+want.Short+int64(want.Good) {
			t.Errorf("%d entries: %+v", entries, want)
		}
		for _, workers := range []int{2, 5} {
			if got := f.study(t, o, workers); !reflect.DeepEqual(got, want) {
				t.Errorf("%d entries, %d workers:\n%+v\n%+v", entries, workers, got, want)
			}
		}
		if !first(want, plants[2].is) {
			t.Errorf("%d entries: %+v", entries, want.Findings)
		}
	}
}
