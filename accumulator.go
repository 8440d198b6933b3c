package chatstream

import (
	"errors"
	"slices"
)

// ErrAccumulatorFull means that an answer was larger than the Limit of its
// Accumulator, or had more than 128 choices, 1,024 tool calls in one of them or 256
// members without a field in one object.
var ErrAccumulatorFull = errors.New("chatstream: accumulator is full")

// DefaultAccumulatorLimit is the limit if Limit is 0, in bytes.
const DefaultAccumulatorLimit = 16 << 20

// maxRetained is how much memory, in bytes, an Accumulator keeps for the next answer.
const maxRetained = 64 << 10

// Accumulator joins the chunks of a stream into the whole answer. The zero value is ready
// to use. It keeps no memory of the chunks. A warm Accumulator allocates nothing for answers
// that take up to 64 KiB.
//
// It follows these rules where servers depart from the API:
//
//   - A number or boolean instead of a text counts as its JSON text.
//   - Index, id and name tell to which tool call a piece belongs, if the server sends them.
//     A new id with a name begins a call. A name also begins a call if the arguments of the
//     previous call are complete. An id that is empty, null or repeated does not begin a
//     call.
//   - Arguments that came as a JSON value count as the text of that value. Complete
//     arguments that are repeated count once, and an object replaces an earlier {}. If
//     each piece begins with the previous piece, the last one counts as soon as it is
//     complete JSON.
//   - A tool call or function call without name and arguments is left out. A complete call
//     that is repeated at another index counts once.
//   - A count that a later usage does not have keeps its earlier value.
//   - A message instead of a delta, as in a chat.completion that was not streamed, counts as
//     the answer. If there are deltas too, the deltas count.
//   - Strings without a field are joined like those with one (see Message.Extra).
//
// An Accumulator must not be used by several goroutines at once.
type Accumulator struct {
	// Limit bounds the memory of an answer, in bytes, without spare capacity of buffers.
	// 0 means DefaultAccumulatorLimit. Set it before the first Add.
	Limit int

	ledger ledger

	id, model, provider, serviceTier, systemFingerprint joined

	created Optional[float64]
	choices []answer // in the order of their index
	usage   Optional[Usage]
	failure Optional[RawValue]
	extra   Members

	completion Completion // what Completion returns
	spare      Text       // arguments that Completion joined
}

// Reset makes the Accumulator begin another answer. It keeps at most 64 KiB of memory. It
// makes the result of Completion invalid.
func (a *Accumulator) Reset() {
	if a.ledger.memory() > maxRetained {
		*a = Accumulator{Limit: a.Limit}
		return
	}
	*a = Accumulator{
		Limit:  a.Limit,
		ledger: ledger{held: a.ledger.held, scratch: a.ledger.scratch[:0], seed: a.ledger.seed},
		id:     a.id.emptied(), model: a.model.emptied(), provider: a.provider.emptied(),
		serviceTier: a.serviceTier.emptied(), systemFingerprint: a.systemFingerprint.emptied(),
		choices: a.choices[:0], usage: emptiedUsage(&a.usage.Value),
		failure: Optional[RawValue]{Value: a.failure.Value[:0]}, extra: a.extra[:0],
		completion: Completion{Choices: a.completion.Choices[:0]}, spare: a.spare[:0],
	}
}

func (a *Accumulator) limit() int {
	if a.Limit > 0 {
		return a.Limit
	}
	return DefaultAccumulatorLimit
}

// Add adds the next chunk of the stream. It keeps no memory of the chunk.
//
// It returns ErrAccumulatorFull if the answer is too large. From then on it adds no text, so
// that each text is the beginning of the complete text. It still adds finish reasons and
// usage.
func (a *Accumulator) Add(chunk *CreateChatCompletionData) error {
	l := &a.ledger
	l.limit = a.limit()
	a.id.addFirst(l, &chunk.ID)
	a.model.addFirst(l, &chunk.Model)
	a.provider.addFirst(l, &chunk.Provider)
	a.serviceTier.addFirst(l, &chunk.ServiceTier)
	a.systemFingerprint.addFirst(l, &chunk.SystemFingerprint)
	if a.created.Value == 0 && chunk.Created.state >= a.created.state {
		a.created = chunk.Created
	}
	for i := range chunk.Choices {
		choice := &chunk.Choices[i]
		if c := a.answer(choice.Index.Value); c != nil {
			c.add(l, choice)
		}
	}
	if chunk.Usage.Value != nil {
		mergeUsage(l, &a.usage, chunk.Usage.Value)
	}
	if chunk.Error.IsSet() && replace(l, &a.failure.Value, chunk.Error.Value) {
		a.failure.state = set
	}
	keepMembers(l, &a.extra, chunk.Extra, keepLast)
	if cap(l.scratch) > maxRetained {
		l.scratch = nil
	}
	if l.full {
		return ErrAccumulatorFull
	}
	return nil
}

// answer returns the choice with this index. It adds the choice if it is new, and returns nil
// if there is no room for it.
func (a *Accumulator) answer(index int64) *answer {
	place := len(a.choices)
	for place > 0 && a.choices[place-1].index >= index {
		if place--; a.choices[place].index == index {
			return &a.choices[place]
		}
	}
	if len(a.choices) == maxTracked || !a.ledger.chargeText(answerSize) {
		a.ledger.full = true
		return nil
	}
	extend(&a.ledger, &a.choices, answerSize).reset(index)
	moveLast(a.choices, place)
	return &a.choices[place]
}

// Completion returns the answer so far. The result is read-only and valid until the next Add
// or Reset. Completion allocates only if there are more choices or tool calls than before, or
// if each piece of the arguments repeats the previous piece.
func (a *Accumulator) Completion() *Completion {
	c := &a.completion
	*c = Completion{
		ID: a.id.value(), Object: ObjectChatCompletion, Created: a.created, Model: a.model.value(),
		Provider: a.provider.value(), ServiceTier: a.serviceTier.value(), SystemFingerprint: a.systemFingerprint.value(),
		Choices: c.Choices[:0], Extra: slices.Clip(a.extra),
	}
	if a.usage.IsSet() {
		c.Usage = a.usage
	}
	if c.Choices == nil {
		c.Choices = []CompletionChoice{}
	}
	if a.failure.IsSet() {
		c.Error = Some(slices.Clip(a.failure.Value))
	}
	a.ledger.limit = a.limit()
	a.spare = a.spare[:0]
	for i := range a.choices {
		*extend(&a.ledger, &c.Choices, answerSize) = a.choices[i].value(&a.ledger, &a.spare)
	}
	return c
}
