package dialect

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// nEventStore is the layout of NEventStore (.NET, 6 and later). A row is a commit of several events.
// Its payload is an array of {Headers, Body} if it is JSON; in another format, each
// event is listed and opaque. The library numbers commits (CheckpointNumber), not
// events: positions count the events in commit order, from 1. An event's id is
// COMMIT/INDEX, with its index in the commit from 0. Its type is the Body's $type
// without the assembly.
//
// Buckets are contexts. If there are several and [source.Options].Context chooses none,
// streams are shown as BUCKET/STREAM.
var nEventStore = sqlite.Dialect{Name: "neventstore", Match: matchNEventStore}

// maxCommit is the maximum number of events in a commit.
const maxCommit = 1 << 20

func matchNEventStore(p *sqlite.Probe) (*table.Layout, error) {
	t := p.Table("Commits")
	if t == nil {
		return nil, errors.New(source.NoTable + "Commits")
	}
	if err := t.Require(commitColumns...); err != nil {
		return nil, err
	}
	buckets, err := p.Distinct("Commits", "BucketId")
	if err != nil {
		return nil, err
	}
	chosen, err := p.Opts.Choose(buckets)
	if err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: "table Commits with StreamIdOriginal, Items; positions count events in the order of CheckpointNumber",
		From:       "temp.asof_items o CROSS JOIN Commits c ON c.CheckpointNumber = o.checkpoint",
		Contexts:   append([]string{}, buckets...),
		Cols: [source.NumFields]string{
			source.Stream: "o.stream", source.Version: "o.version", source.Position: "o.position",
			source.ID:   sqlite.ShownID("c.CommitId") + " || '/' || o.item",
			source.Time: "c.CommitStamp", source.Data: "c.Payload", source.Meta: "c.Headers",
			source.Type: "NULL", source.Revision: "c.Items", // for the decoder
		},
		Item:       "o.item",
		Derived:    source.FieldsOf(source.Type, source.Revision),
		DataAlways: true,
		Decoder:    func() table.Decoder { return &commitDecoder{} },
		CategoryOf: cell.CategoryOfName,
		Lacks:      []string{"revisions"},
		Prepare:    func() error { return prepareCommits(p, chosen, len(chosen) > 1) },
	}
	if len(chosen) > 1 {
		l.Recognised += fmt.Sprintf("; %d buckets, whose streams begin with its name: %s", len(chosen), source.Listed(chosen, 5))
	} else if len(buckets) > 1 {
		l.LeftOut = append(l.LeftOut, table.Counted("commit", " of other buckets ("+source.Listed(source.Without(buckets, chosen[0]), 5)+")", "SELECT count(*) FROM Commits WHERE BucketId <> "+table.QuoteText(chosen[0])))
	}
	l.LeftOut = append(l.LeftOut, table.Lost("commit", " of no bucket", "SELECT count(*) FROM Commits WHERE BucketId IS NULL"))
	if s := p.Table("Snapshots"); s != nil && s.Require("BucketId", "StreamId", "StreamRevision") == nil {
		l.Snapshots = "SELECT count(*) FROM Snapshots"
		l.LeftOut = append(l.LeftOut, table.Unused(l.Snapshots))
	}
	return l, nil
}

var commitColumns = []string{
	"BucketId", "StreamId", "StreamIdOriginal", "StreamRevision", "Items", "CommitId", "CommitSequence", "CommitStamp",
	"CheckpointNumber", "Headers", "Payload",
}

// prepareCommits lists the events of all commits in a temporary table.
func prepareCommits(p *sqlite.Probe, buckets []string, prefixed bool) error {
	if err := p.Exec("CREATE TEMP TABLE asof_items(position INTEGER PRIMARY KEY, stream TEXT NOT NULL," +
		" version INTEGER NOT NULL, checkpoint INTEGER NOT NULL, item INTEGER NOT NULL)"); err != nil {
		return err
	}
	insert, err := p.Insert("INSERT INTO temp.asof_items VALUES(NULL, ?1, ?2, ?3, ?4)")
	if err != nil {
		return err
	}
	defer insert.Close()
	stream := "StreamIdOriginal"
	if prefixed {
		stream = "BucketId || '/' || StreamIdOriginal"
	}
	var in []string
	for _, b := range buckets {
		in = append(in, table.QuoteText(b))
	}
	err = p.EachRow(4, "SELECT "+stream+", StreamRevision, Items, CheckpointNumber FROM Commits WHERE BucketId IN ("+
		strings.Join(in, ", ")+") ORDER BY CheckpointNumber", nil, func(vs []cell.Value) error {
		return insertCommit(insert, vs)
	})
	if err != nil {
		return err
	}
	return p.Exec("CREATE INDEX temp.asof_items_stream ON asof_items(stream, version)")
}

func insertCommit(insert *sqlite.Insert, v []cell.Value) error {
	stream, revision, items, checkpoint := &v[0], &v[1], &v[2], &v[3]
	if stream.Kind != cell.Text || revision.Kind != cell.Int || items.Kind != cell.Int || checkpoint.Kind != cell.Int ||
		items.Num < 1 || items.Num > maxCommit {
		return fmt.Errorf("commit %s of stream %s: its revision is %s and its number of events %s",
			checkpoint.Describe(), stream.Describe(), revision.Describe(), items.Describe())
	}
	for k := range items.Num {
		if _, err := insert.Run(string(stream.B), revision.Num-items.Num+1+k, checkpoint.Num, k); err != nil {
			return err
		}
	}
	return nil
}

// A commitDecoder extracts events from their commits. Events of one commit follow each
// other, so it parses each payload once.
type commitDecoder struct {
	types, categories cell.Interner
	payload           []byte // the stored payload that items comes from
	known             bool
	payloads, headers cell.PayloadDecoder
	items             [][]byte
	opaque            string
	item              []byte
	reason            string // why the item is unreadable
	meta              []byte
}

func (d *commitDecoder) split(payload *cell.Value) {
	raw := payload.Text()
	if d.known && bytes.Equal(raw, d.payload) {
		return
	}
	d.payload, d.known = append(d.payload[:0], raw...), true
	d.items = d.items[:0]
	var doc []byte
	if doc, d.opaque = d.payloads.Bytes(withoutBOM(d.payload)); d.opaque != "" {
		return
	}
	doc = withoutBOM(doc)
	if values, ok := cell.MemberOf(doc, "$values"); ok {
		doc = values
	}
	s := cell.PayloadScanner{In: doc}
	if !s.Take('[') {
		d.opaque = "not an array of events"
		return
	}
	for first := true; !s.Take(']'); first = false {
		if !first && !s.Take(',') {
			s.Fail()
		}
		s.Peek()
		v := s.Value(0)
		if s.Bad {
			d.opaque = "not readable as an array of events"
			return
		}
		d.items = append(d.items, v)
	}
}

func withoutBOM(b []byte) []byte { return bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF")) }

func (d *commitDecoder) Classify(r *table.Row, e *replay.Event) error {
	d.split(r.At(source.Data))
	d.item, d.reason = nil, d.opaque
	if n := r.At(source.Revision).Num; int64(len(d.items)) > n {
		return fmt.Errorf("its commit holds %d events, but its Items is %d", len(d.items), n)
	}
	if k := r.Item.Num; d.reason == "" && k < int64(len(d.items)) {
		d.item = d.items[k]
	} else if d.reason == "" {
		d.reason = fmt.Sprintf("its commit holds %d events, and this is the one after %d", len(d.items), k)
	}
	e.Category = d.categories.Of([]byte(cell.CategoryOfName(string(e.Stream))))
	e.Type = "EventMessage"
	if typ, ok := bodyType.Find(d.item); ok {
		e.Type = d.types.Of([]byte(withoutAssembly(typ)))
	}
	return nil
}

var bodyType = cell.Pointer{"Body", "$type"}

// withoutAssembly strips the assembly from the name of a .NET type: "Shop.ItemAdded,
// Shop" becomes "Shop.ItemAdded".
func withoutAssembly(name string) string {
	depth := 0
	for i := range len(name) {
		switch name[i] {
		case '[':
			depth++
		case ']':
			depth--
		case ',':
			if depth == 0 {
				return name[:i]
			}
		}
	}
	return name
}

func (d *commitDecoder) Decode(r *table.Row, e *replay.Event, skip replay.Fields) error {
	if body, ok := cell.MemberOf(d.item, "Body"); ok {
		e.Data = body
	} else if d.reason != "" {
		e.Opaque = d.reason
	} else {
		e.Data = d.item
	}
	if skip&replay.FieldMeta != 0 {
		return nil
	}
	d.meta = d.meta[:0]
	if headers, opaque := d.headers.Bytes(withoutBOM(r.At(source.Meta).Text())); opaque == "" {
		d.addHeaders("CommitHeaders", headers)
	}
	headers, _ := cell.MemberOf(d.item, "Headers")
	d.addHeaders("Headers", headers)
	if len(d.meta) > 0 {
		e.Meta.Raw = append(d.meta, '}')
	}
	return nil
}

// addHeaders adds headers to the metadata, if any.
func (d *commitDecoder) addHeaders(name string, headers []byte) {
	headers = bytes.TrimSpace(withoutBOM(headers))
	if len(headers) <= len("{}") || headers[0] != '{' {
		return
	}
	if len(d.meta) == 0 {
		d.meta = append(d.meta, '{')
	} else {
		d.meta = append(d.meta, ',')
	}
	d.meta = append(cell.AppendJSON(d.meta, name), ':')
	d.meta = append(d.meta, headers...)
}
