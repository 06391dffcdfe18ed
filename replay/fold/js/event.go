package js

import (
	"slices"
	"time"

	"github.com/dop251/goja"

	"asof/replay"
	"asof/replay/fold/js/quick"
	"asof/replay/state"
)

// An eventObject is an event as scripts see it, with KurrentDB's field names and
// those of asof. Fields are converted when they are read. After its event it cannot
// be read: the next event reuses the memory.
type eventObject struct {
	e   *engine
	ev  *replay.Event // nil: the event is over
	obj *goja.Object

	data  goja.Value // nil until read
	meta  goja.Value // nil until read
	link  goja.Value // the link's metadata; nil until read
	extra map[string]goja.Value
}

// eventKeys are the enumerable fields of an event, those of KurrentDB.
var eventKeys = []string{
	"streamId", "sequenceNumber", "eventId", "eventType", "isJson", "body", "data", "bodyRaw",
	"metadata", "metadataRaw", "linkMetadata", "linkMetadataRaw", "partition", "category", "created",
}

// moreKeys are the field names that asof adds.
var moreKeys = []string{
	"stream", "version", "position", "id", "type", "revision", "time", "actor", "correlationId", "causationId",
}

func (e *engine) newEvent(ev *replay.Event) *eventObject {
	o := &eventObject{e: e, ev: ev}
	o.obj = e.rt.NewDynamicObject(o)
	return o
}

func (o *eventObject) event() *replay.Event {
	if o.ev == nil {
		panic(o.e.rt.NewTypeError("this event is over: copy what a later event needs into the state"))
	}
	return o.ev
}

func (o *eventObject) Get(key string) goja.Value {
	ev := o.event()
	if v, ok := o.extra[key]; ok {
		return v
	}
	e := o.e
	if e.reads != nil {
		e.noteField(key)
		if v := e.replaced(key); v != nil {
			return v
		}
	}
	switch key {
	case "data", "body":
		return o.body()
	case "type", "eventType":
		return e.stringValue(ev.Type, true)
	case "streamId", "stream":
		return e.stringValue(string(ev.Stream), true)
	case "version", "sequenceNumber":
		return e.rt.ToValue(int64(ev.Version))
	case "position":
		if ev.Position == replay.NoPosition {
			return goja.Null()
		}
		return e.rt.ToValue(int64(ev.Position))
	case "revision":
		return e.rt.ToValue(ev.Revision)
	case "created", "time":
		return o.time(key)
	case "id", "eventId":
		return e.orNull(ev.ID)
	case "actor":
		return e.orNull(ev.Meta.Actor)
	case "correlationId":
		return e.orNull(ev.Meta.Correlation)
	case "causationId":
		return e.orNull(ev.Meta.Causation)
	case "category":
		if e.uncategorised {
			return goja.Null()
		}
		return e.stringValue(ev.Category, true)
	}
	return o.getRare(key, ev)
}

// time returns when the event was recorded; created has the form that .NET writes.
func (o *eventObject) time(key string) goja.Value {
	t := o.ev.Time.UTC()
	switch {
	case t.IsZero():
		return goja.Null()
	case key == "created":
		return o.e.rt.ToValue(t.Format(quick.CreatedForm))
	}
	return o.e.rt.ToValue(t.Format(time.RFC3339Nano))
}

func (o *eventObject) getRare(key string, ev *replay.Event) goja.Value {
	e := o.e
	switch key {
	case "metadata":
		return o.parsed(&o.meta, ev.Meta.Raw, replay.FromMetadata)
	case "isJson":
		isJSON := ev.IsJSON()
		return e.rt.ToValue(isJSON || ev.Opaque == replay.NoPayload)
	case "bodyRaw":
		if ev.Text != nil {
			return e.text(string(ev.Text))
		}
		return e.text(string(ev.Data))
	case "metadataRaw":
		return e.orNull(string(ev.Meta.Raw))
	case "linkMetadata":
		return o.parsed(&o.link, ev.LinkMeta(), replay.FromLink)
	case "linkMetadataRaw":
		return e.orNull(string(ev.LinkMeta()))
	case "partition":
		if e.partition == nil {
			return e.stringValue("", false)
		}
		return e.partition(o)
	}
	return nil
}

// orNull returns a string, or null for an absent one.
func (e *engine) orNull(s string) goja.Value {
	if s == "" {
		return goja.Null()
	}
	return e.stringValue(s, true)
}

func (o *eventObject) body() goja.Value {
	if o.data == nil {
		if o.ev.Text != nil && o.e.server {
			return goja.Undefined()
		}
		v, err := o.ev.Body()
		if err != nil {
			panic(o.e.rt.NewGoError(err))
		}
		o.data = o.e.payload(v, replay.FromPayload)
	}
	return o.data
}

// payload returns a script's value for a payload, whose memory ends with the event.
func (e *engine) payload(v state.Value, from replay.Source) goja.Value {
	if e.reads != nil {
		e.noteRoot(v, from)
	}
	w := wrapper{e: e, passing: true}
	return w.value(v, "data")
}

// parsed returns metadata as the script sees it, null if there is none.
func (o *eventObject) parsed(once *goja.Value, raw []byte, from replay.Source) goja.Value {
	if *once == nil {
		*once = goja.Null()
		if raw != nil {
			v, _, err := state.ParsePayload(raw)
			if err != nil {
				panic(o.e.rt.NewGoError(&replay.PayloadError{At: o.ev.Moment(), Err: err}))
			}
			*once = o.e.payload(v, from)
		}
	}
	return *once
}

func (o *eventObject) Has(key string) bool {
	o.event()
	if _, ok := o.extra[key]; ok {
		return true
	}
	return slices.Contains(eventKeys, key) || slices.Contains(moreKeys, key)
}

// Set lets a script add properties to the object. The event does not change.
func (o *eventObject) Set(key string, v goja.Value) bool {
	o.event()
	if o.e.readOnly {
		panic(o.e.rt.NewTypeError("state and event are read-only here"))
	}
	o.e.checkName(key)
	if o.extra == nil {
		o.extra = map[string]goja.Value{}
	}
	o.extra[key] = v
	return true
}

func (o *eventObject) Delete(key string) bool {
	delete(o.extra, key)
	return true
}

func (o *eventObject) Keys() []string {
	o.event()
	keys := slices.Clone(eventKeys)
	var own []string
	for k := range o.extra {
		if !slices.Contains(keys, k) {
			own = append(own, k)
		}
	}
	slices.Sort(own)
	return append(keys, own...)
}
