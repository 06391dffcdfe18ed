package dialect

import (
	"encoding/json"
	"testing"
)

func FuzzPyPayload(f *testing.F) {
	f.Add([]byte(`{"a":1}`))
	f.Add([]byte{0x78, 0x9c, 1, 2, 3})
	f.Fuzz(func(t *testing.T, in []byte) {
		py, err := newPyPayloads(make([]byte, 32))
		if err != nil {
			t.Fatal(err)
		}
		if data, opaque := py.open(in); opaque != "" && data != nil {
			t.Errorf("opaque %q and data %q", opaque, data)
		}
	})
}

func TestPyTopics(t *testing.T) {
	for topic, want := range map[string][2]string{
		"bank.domain:BankAccount.Opened":  {"Opened", "BankAccount"},
		"__main__:Dog.TrickAdded":         {"TrickAdded", "Dog"},
		"a:Outer.Inner.Happened":          {"Happened", "Inner"},
		"shop.orders:OrderPlaced":         {"OrderPlaced", "orders"},
		"__main__:OrderPlaced":            {"OrderPlaced", ""},
		"m:make.<locals>.Dog.Registered":  {"Registered", "Dog"},
		"shop.m:make.<locals>.Registered": {"Registered", "m"},
		"Plain":                           {"Plain", ""},
		"":                                {"", ""},
	} {
		got := newPyTopic(topic)
		if got.typ != want[0] || got.category != want[1] {
			t.Errorf("%s is type %q of category %q, want %q", topic, got.typ, got.category, want)
		}
		if !json.Valid(append(got.meta, '}')) {
			t.Errorf("%s gives metadata %s", topic, got.meta)
		}
	}
}
