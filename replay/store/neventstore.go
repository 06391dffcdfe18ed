package store

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay"
)

// nEventStore is the layout of NEventStore (.NET). A row is a commit of several
// events, whose payload is an array of {Headers, Body}, if it is in JSON; in
// another form, each event is listed, and opaque. The library counts commits
// (CheckpointNumber) and not events: positions count the events in that order,
// from 1. An event's id is that of its commit and its place in it, from 0:
// COMMIT/PLACE. Its type is the Body's $type without the assembly.
//
// Buckets are contexts: where there are several and none is chosen by
// [Options].Context, streams are shown as BUCKET/STREAM.
var nEventStore = dialect{name: "neventstore", match: matchNEventStore}

// maxCommit bounds the events of a commit.
const maxCommit = 1 << 20

func matchNEventStore(p *probe) (*layout, error) {
	t := p.table("Commits")
	if t == nil {
		return nil, errors.New(noTable + "Commits")
	}
	if err := t.require("BucketId", "StreamIdOriginal", "StreamRevision", "Items", "CommitId", "CommitSequence",
		"CommitStamp", "CheckpointNumber", "Headers", "Payload"); err != nil {
		return nil, err
	}
	buckets, err := p.distinct("Commits", "BucketId")
	if err != nil {
		return nil, err
	}
	chosen, err := p.opts.choose(buckets)
	if err != nil {
		return nil, err
	}
	l := &layout{
		recognised: "table Commits with StreamIdOriginal, Items; positions count events in the order of CheckpointNumber",
		from:       "temp.asof_items o CROSS JOIN Commits c ON c.CheckpointNumber = o.checkpoint",
		contexts:   append([]string{}, buckets...),
		cols: [numColumns]string{
			colStream: "o.stream", colVersion: "o.version", colPosition: "o.position",
			colID:   shownID("c.CommitId") + " || '/' || o.item",
			colTime: "c.CommitStamp", colData: "c.Payload", colMeta: "c.Headers",
			colType: "NULL",
		},
		item:       "o.item",
		derived:    columnsOf(colType),
		dataAlways: true,
		decoder:    func() decoder { return &commitDecoder{} },
		categoryOf: categoryOfName,
		lacks:      []string{"revisions"},
		prepare:    func(p *probe) error { return prepareCommits(p, chosen, len(chosen) > 1) },
	}
	if len(chosen) > 1 {
		l.recognised += fmt.Sprintf("; %d buckets, whose streams begin with its name: %s", len(chosen), listed(chosen, 5))
	} else if len(buckets) > 1 {
		l.leftOut = append(l.leftOut, omission{
			what:  "commits of other buckets (" + listed(without(buckets, chosen[0]), 5) + ")",
			count: "SELECT count(*) FROM Commits WHERE BucketId <> " + quoteText(chosen[0]),
		})
	}
	if s := p.table("Snapshots"); s != nil && s.require("BucketId", "StreamId", "StreamRevision") == nil {
		l.snapshots = "SELECT count(*) FROM Snapshots"
		l.leftOut = append(l.leftOut, omission{what: snapshotsUnused, count: l.snapshots})
	}
	return l, nil
}

// prepareCommits lists the events of all commits.
func prepareCommits(p *probe, buckets []string, prefixed bool) error {
	if err := p.exec("CREATE TEMP TABLE asof_items(position INTEGER PRIMARY KEY, stream TEXT NOT NULL," +
		" version INTEGER NOT NULL, checkpoint INTEGER NOT NULL, item INTEGER NOT NULL)"); err != nil {
		return err
	}
	insert, _, err := p.conn.PrepareTransient("INSERT INTO temp.asof_items VALUES(NULL, ?1, ?2, ?3, ?4)")
	if err != nil {
		return err
	}
	defer insert.Finalize() //nolint:errcheck // Step has told
	stream := "StreamIdOriginal"
	if prefixed {
		stream = "BucketId || '/' || StreamIdOriginal"
	}
	var in []string
	for _, b := range buckets {
		in = append(in, quoteText(b))
	}
	var v [4]value
	err = p.query("SELECT "+stream+", StreamRevision, Items, CheckpointNumber FROM Commits WHERE BucketId IN ("+
		strings.Join(in, ", ")+") ORDER BY CheckpointNumber", nil, func(s *sqlite.Stmt) error {
		for i := range v {
			p.readColumn(s, i, &v[i])
		}
		return insertCommit(insert, &v)
	})
	if err != nil {
		return err
	}
	return p.exec("CREATE INDEX temp.asof_items_stream ON asof_items(stream, version)")
}

func insertCommit(insert *sqlite.Stmt, v *[4]value) error {
	stream, revision, items, checkpoint := &v[0], &v[1], &v[2], &v[3]
	if stream.kind != kindText || revision.kind != kindInt || items.kind != kindInt || checkpoint.kind != kindInt ||
		items.num < 1 || items.num > maxCommit {
		return fmt.Errorf("commit %s of stream %s: its revision is %s and its number of events %s",
			checkpoint.describe(), stream.describe(), revision.describe(), items.describe())
	}
	for k := range items.num {
		insert.BindText(1, string(stream.b))
		insert.BindInt64(2, revision.num-items.num+1+k)
		insert.BindInt64(3, checkpoint.num)
		insert.BindInt64(4, k)
		if _, err := insert.Step(); err != nil {
			return err
		}
		if err := insert.Reset(); err != nil {
			return err
		}
	}
	return nil
}

// commitDecoder takes events out of their commit. The events of one follow each
// other, so its payload is taken apart once.
type commitDecoder struct {
	types, categories interner
	payload           []byte // as it is in the row that items were taken from
	known             bool
	payloads, headers payloadDecoder
	items             [][]byte
	opaque            string
	item              []byte
	reason            string // why the item can't be had
	meta              []byte
}

func (d *commitDecoder) split(payload *value) {
	raw := payload.text()
	if d.known && bytes.Equal(raw, d.payload) {
		return
	}
	d.payload, d.known = append(d.payload[:0], raw...), true
	d.items = d.items[:0]
	var doc []byte
	if doc, d.opaque = d.payloads.bytes(withoutBOM(d.payload)); d.opaque != "" {
		return
	}
	doc = withoutBOM(doc)
	if values, ok := memberOf(doc, "$values"); ok {
		doc = values
	}
	s := payloadScanner{in: doc}
	if !s.take('[') {
		d.opaque = "not an array of events"
		return
	}
	for first := true; !s.take(']'); first = false {
		if !first && !s.take(',') {
			s.fail()
		}
		s.peek()
		v := s.value(0)
		if s.bad {
			d.opaque = "not readable as an array of events"
			return
		}
		d.items = append(d.items, v)
	}
}

func withoutBOM(b []byte) []byte { return bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF")) }

func (d *commitDecoder) classify(r *row, e *replay.Event) error {
	d.split(r.at(colData))
	d.item, d.reason = nil, d.opaque
	if k := r.item.num; d.reason == "" && k < int64(len(d.items)) {
		d.item = d.items[k]
	} else if d.reason == "" {
		d.reason = fmt.Sprintf("its commit holds %d events, and this is the one after %d", len(d.items), k)
	}
	e.Category = d.categories.of([]byte(categoryOfName(string(e.Stream))))
	e.Type = "EventMessage"
	if typ, ok := bodyType.find(d.item); ok {
		e.Type = d.types.of([]byte(withoutAssembly(typ)))
	}
	return nil
}

var bodyType = pointer{"Body", "$type"}

// withoutAssembly shortens the name of a .NET type: "Shop.ItemAdded, Shop" to
// "Shop.ItemAdded".
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

func (d *commitDecoder) decode(r *row, e *replay.Event, skip replay.Fields) error {
	if body, ok := memberOf(d.item, "Body"); ok {
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
	if headers, opaque := d.headers.bytes(withoutBOM(r.at(colMeta).text())); opaque == "" {
		d.addHeaders("CommitHeaders", headers)
	}
	headers, _ := memberOf(d.item, "Headers")
	d.addHeaders("Headers", headers)
	if len(d.meta) > 0 {
		e.Meta.Raw = append(d.meta, '}')
	}
	return nil
}

// addHeaders adds headers to the metadata, if there are any.
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
	d.meta = append(appendJSONString(d.meta, name), ':')
	d.meta = append(d.meta, headers...)
}
