package source

import (
	"fmt"
	"testing"
)

// TestIndexesAreBounded checks that few indexes are kept, those used last, and none of
// other content.
func TestIndexesAreBounded(t *testing.T) {
	var none *Indexes
	none.Keep("a", "1", 1, "index")
	if none.Find("a", "1") != nil {
		t.Error("a nil one keeps an index")
	}
	x := &Indexes{}
	for i := range MostIndexes {
		x.Keep(fmt.Sprint(i), "1", 1, i)
	}
	if x.Find("0", "1") != 0 { // now used last
		t.Fatal("the first is not kept")
	}
	x.Keep("more", "1", 1, "more")
	if x.Find("1", "1") != nil || x.Find("0", "1") != 0 || x.Find("more", "1") != "more" {
		t.Errorf("kept: %+v", x.kept)
	}
	x.Keep("large", "1", MostIndexBytes-1, "large")
	if x.Find("large", "1") != "large" || len(x.kept) != 2 || x.total() > MostIndexBytes {
		t.Errorf("next to a large one: %+v", x.kept)
	}
	x.Keep("larger", "1", MostIndexBytes+1, "larger")
	x.Keep("unknown", "", 1, "unknown")
	if x.Find("larger", "1") != nil || x.Find("unknown", "") != nil {
		t.Errorf("kept: %+v", x.kept)
	}
	if x.Find("large", "2") != nil || x.Find("large", "1") != nil {
		t.Error("an index of other content is kept")
	}
}
