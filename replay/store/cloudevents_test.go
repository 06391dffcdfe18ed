package store

import (
	"fmt"
	"strings"
	"testing"

	"asof/replay"
)

// TestCloudEventsConventions reads what the specification leaves open, and checks that
// Info mentions it.
func TestCloudEventsConventions(t *testing.T) {
	const head = `{"specversion":"1.0","type":"T",`
	for _, c := range []struct {
		name, text string
		want       string // stream@version/category of each event
		said       []string
		lacks      string
	}{
		{
			"a sequence", head + `"subject":"cart-1","sequence":"0007"}` + "\n" + head + `"subject":"cart-1","sequence":8}`,
			"cart-1@7/cart cart-1@8/cart",
			[]string{"the version is the sequence", "the category is the subject up to the first dash", "positions are the order in the file"},
			"times ids revisions metadata actors correlation ids causation ids",
		},
		{
			"no sequence", head + `"subject":"b"}` + "\n" + head + `"subject":"a"}` + "\n" + head + `"subject":"b"}`,
			"b@1/ a@1/ b@2/",
			[]string{"no event has a sequence, so versions are the order within the subject"},
			"times",
		},
		{
			"a sequence that is none", head + `"subject":"a","sequence":"x"}` + "\n" + head + `"subject":"a","sequence":"1"}`,
			"a@1/ a@2/",
			[]string{"1 event has no sequence that is an integer"},
			"times",
		},
		{
			"no subject", head + `"source":"/s/1"}` + "\n" + head + `"source":"/s/1","subject":"x"}`,
			"/s/1@1/ x@1/",
			[]string{"the source where there is none (1 event)"},
			"times",
		},
		{
			"a subject of two sources", head + `"source":"/o","subject":"42"}` + "\n" + head + `"source":"/c","subject":"42"}` + "\n" + head + `"source":"/o","subject":"42"}` + "\n" + head + `"source":"/o"}`,
			"/o/42@1/ /c/42@1/ /o/42@2/ /o@1/",
			[]string{"streams are named SOURCE/SUBJECT"},
			"times",
		},
		{
			"names that could be two", head + `"source":"/a","subject":"b/c"}` + "\n" + head + `"source":"/a/b","subject":"c"}` + "\n" + head + `"source":"/a/b","subject":"b/c"}` + "\n" + head + `"source":"/a/b/c"}`,
			"/a/b%2Fc@1/ /a/b/c@1/ /a/b/b%2Fc@1/ /a/b/c/@1/",
			nil,
			"times",
		},
		{
			"sources of different subjects", head + `"source":"/o","subject":"1"}` + "\n" + head + `"source":"/c","subject":"2"}`,
			"1@1/ 2@1/", nil, "times",
		},
		{
			"a UUID", head + `"subject":"6f9619ff-8b86-d011-b42d-00c04fc964ff"}`,
			"6f9619ff-8b86-d011-b42d-00c04fc964ff@1/", nil, "times",
		},
		{
			"times", head + `"subject":"a","time":"2026-03-01T10:00:00"}` + "\n" + head + `"subject":"a","time":"?"}`,
			"a@1/ a@2/",
			nil,
			"ids",
		},
		{
			"some positions", head + `"subject":"a","position":5}` + "\n" + head + `"subject":"a"}`,
			"a@1/ a@2/",
			[]string{"1 event has no position, so positions are the order in the file"},
			"times",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := openText(t, c.text, Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range allEvents(t, r, replay.Query{}) {
				got = append(got, fmt.Sprintf("%s@%d/%s", e.Stream, e.Version, e.Category))
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got  %s\nwant %s", s, c.want)
			}
			info := r.Info()
			for _, s := range c.said {
				if !strings.Contains(info.Recognised, s) {
					t.Errorf("%q is missing: %s", s, info.Recognised)
				}
			}
			if s := strings.Join(info.Lacks, " "); !strings.HasPrefix(s, c.lacks) {
				t.Errorf("lacks %s, want %s", s, c.lacks)
			}
		})
	}
}

func TestCloudEventsPayloads(t *testing.T) {
	const head = `{"specversion":"1.0","type":"T","subject":"a","source":"s",`
	for _, c := range []struct{ attributes, data, opaque, meta string }{
		{`"data":{"a": 1}`, `{"a": 1}`, "", `{"source":"s"}`},
		{`"data":"<a/>","datacontenttype":"application/xml"`, `"<a/>"`, "", `{"source":"s","datacontenttype":"application/xml"}`},
		{`"data":null,"x":null`, "null", "", `{"source":"s"}`},
		{`"id":"1"`, "null", "", `{"source":"s"}`},
		{`"data_base64":"eyJhIjoxfQ=="`, `{"a":1}`, "", `{"source":"s"}`},
		{`"data_base64":"eyJhIjoxfQ==","datacontenttype":"x/y+JSON; a=b"`, `{"a":1}`, "", `{"source":"s","datacontenttype":"x/y+JSON; a=b"}`},
		{`"data_base64":"AAEC","datacontenttype":"image/png"`, "", "it is binary, of type image/png", `{"source":"s","datacontenttype":"image/png"}`},
		{`"data_base64":"eyJh"`, "", "its base64 holds no JSON", `{"source":"s"}`},
		{`"time":"2026-03-01T09:00:00Z","actor":"ann","traceparent":"t","n":1`, "null", "", `{"source":"s","traceparent":"t","n":1}`},
		{`"sequence":"z","authid":"ann","actor":"bob","authtype":"user"`, "null", "", `{"source":"s","sequence":"z","actor":"bob","authtype":"user"}`},
	} {
		r, err := openText(t, head+c.attributes+"}", Options{})
		if err != nil {
			t.Errorf("%s: %v", c.attributes, err)
			continue
		}
		e := allEvents(t, r, replay.Query{})[0]
		if string(e.Data) != c.data || !strings.HasPrefix(e.Opaque, c.opaque) || (e.Opaque == "") != (c.opaque == "") || string(e.Meta.Raw) != c.meta {
			t.Errorf("%s: data %s, opaque %q, metadata %s", c.attributes, e.Data, e.Opaque, e.Meta.Raw)
		}
	}
}

// TestNoPositions reads a file whose lines have no order, so that line numbers must not
// become positions.
func TestNoPositions(t *testing.T) {
	line := func(version int) string {
		return fmt.Sprintf(`{"stream":"a","version":%d,"type":"T"}`+"\n", version)
	}
	r, err := openText(t, line(3)+line(1)+line(2)+`{"stream":"b","version":1,"type":"T"}`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if i := r.Info(); i.Has("positions") || i.Lacks[0] != "positions" ||
		fmt.Sprint(i.LeftOut) != "[positions: the versions of stream a are not in file order, and no event has a position]" {
		t.Errorf("got %+v", i)
	}
	var got []string
	for _, e := range allEvents(t, r, replay.Query{Order: replay.ByStream}) {
		got = append(got, e.Moment().Label())
	}
	if s := strings.Join(got, " "); s != "a@1 (T) a@2 (T) a@3 (T) b@1 (T)" {
		t.Errorf("got %s", s)
	}
}
