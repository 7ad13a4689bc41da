/* The rollout-shaped model and M/M/c as a plain event loop in C: one stream, one proxy, two versions, two choices.
 *
 * It does what our compiled engine does on these models, with the same draws by address (Philox4x32-10, Salmon et al.
 * 2011) and the same outputs, and nothing of its generality. Written from the rules, not from the engine's code; the
 * digest at the end tells whether every single outcome is the same.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCEEDED, ERROR, UNSEEN_ERROR, REJECTED, NO_ENDPOINT, REFUSED, LOST, TIMED_OUT, OUTCOMES };
enum { COMPLETION, DEADLINE, RETRY };
enum { FOR_REQUEST = 1, FOR_ATTEMPT = 2, FOR_RETRY = 4 };
#define NEVER ((int64_t)1 << 62)
#define LATENCY_BUCKETS (43 * 64)
#define SEEN_BUCKETS 192
#define OCTAVES 32

typedef struct {
    int64_t key_low, key_high, horizon, window, pods, slots, queue_limit, timeout;
    int64_t retry_max, retry_on, retry_wait, retry_cap, users, cells, steps;
    double rate, jitter, mean; /* arrivals per ns; mean work in ns where there is no table */
    double error[2];
    const double *table;     /* quantiles of the work, or NULL for exponential work */
    const int64_t *step_at;  /* when each weight begins */
    const double *step_share;
} Model;

typedef struct {
    int64_t *requests;   /* [window][3][OUTCOMES] */
    int64_t *latency;    /* [3][LATENCY_BUCKETS] */
    int64_t *attempts;   /* [3][OUTCOMES] */
    int64_t *answered;   /* [pod] */
    int64_t *errors;     /* [pod] */
    int64_t *seen;       /* [pod][SEEN_BUCKETS] */
    int64_t *unanswered; /* [3] */
    int64_t *busy;       /* [pod] */
    uint8_t *users_hit;  /* [user] */
    int64_t served[2], digest, finished, events;
} Outputs;

typedef struct {
    int64_t address, number, nth, arrived, called, user, pod, version, outcome, next;
    int waited_for;
    double work_luck, answer_luck;
} Attempt;

typedef struct { int64_t due, order, row; } Event;

typedef struct { int64_t in_flight, queued, head, tail, busy_since; } Pod;

typedef struct {
    const Model *m;
    Outputs *out;
    Attempt *rows;
    Event *heap;
    Pod *pods;
    int64_t room, free_row, events, open;
    double share;
} Loop;

static inline void philox(int64_t entity, int64_t nth, int64_t purpose, const Model *m, uint32_t w[4])
{
    uint32_t c0 = (uint32_t)entity, c1 = (uint32_t)(entity >> 32), c2 = (uint32_t)nth, c3 = (uint32_t)purpose;
    uint32_t k0 = (uint32_t)m->key_low, k1 = (uint32_t)m->key_high;
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    w[0] = c0; w[1] = c1; w[2] = c2; w[3] = c3;
}

static inline double uniform(uint32_t word) { return ((double)word + 0.5) * 0x1p-32; }

static inline int64_t work_of(const Model *m, double u)
{
    if (!m->table) return (int64_t)(-m->mean * log1p(-u) + 0.5);
    const double *node = m->table;
    double tail = u;
    if (u > 0.5) { tail = 1.0 - u; node += OCTAVES * m->cells + 1; }
    int exponent;
    double mantissa = frexp(tail, &exponent);
    double place = (mantissa - 0.5) * (double)(2 * m->cells);
    int64_t cell = (int64_t)place;
    node += (exponent + OCTAVES) * m->cells + cell;
    return (int64_t)(node[0] + (place - (double)cell) * (node[1] - node[0]) + 0.5);
}

static inline int before(const Event *a, const Event *b)
{
    return a->due < b->due || (a->due == b->due && a->order < b->order);
}

static void grow(Loop *l)
{
    int64_t room = 2 * l->room;
    l->rows = realloc(l->rows, room * sizeof *l->rows);
    l->heap = realloc(l->heap, 4 * room * sizeof *l->heap);
    for (int64_t k = l->room; k < room; k++) { l->rows[k].address = -1; l->rows[k].next = k + 1; }
    l->rows[room - 1].next = -1;
    l->free_row = l->room;
    l->room = room;
}

static void push(Loop *l, int64_t due, int64_t rank, int64_t row)
{
    Event e = {due, rank << 58 | l->rows[row].address, row};
    int64_t place = l->events++;
    while (place > 0) {
        int64_t parent = (place - 1) >> 1;
        if (before(&l->heap[parent], &e)) break;
        l->heap[place] = l->heap[parent];
        place = parent;
    }
    l->heap[place] = e;
    l->out->events++;
}

static Event pop(Loop *l)
{
    Event first = l->heap[0], e = l->heap[--l->events];
    int64_t place = 0;
    for (;;) {
        int64_t child = 2 * place + 1;
        if (child >= l->events) break;
        if (child + 1 < l->events && before(&l->heap[child + 1], &l->heap[child])) child++;
        if (!before(&l->heap[child], &e)) break;
        l->heap[place] = l->heap[child];
        place = child;
    }
    l->heap[place] = e;
    return first;
}

static int64_t take(Loop *l)
{
    int64_t row = l->free_row;
    l->free_row = l->rows[row].next;
    if (l->free_row < 0) { l->rows[row].next = -1; grow(l); }
    return row;
}

static void give_back(Loop *l, int64_t row)
{
    l->rows[row].address = -1;
    l->rows[row].next = l->free_row;
    l->free_row = row;
}

static inline int64_t latency_bucket(int64_t duration)
{
    int64_t units = duration >> 10;
    if (units < 64) return units;
    int shift = 63 - __builtin_clzll((uint64_t)units) - 6;
    return 64 * (shift + 1) + (units >> shift) - 64;
}

static inline int64_t seen_bucket(int64_t duration)
{
    int64_t units = duration >> 16;
    if (units < 8) return units;
    int shift = 63 - __builtin_clzll((uint64_t)units) - 3;
    int64_t bucket = 8 * (shift + 1) + (units >> shift) - 8;
    return bucket < SEEN_BUCKETS - 1 ? bucket : SEEN_BUCKETS - 1;
}

static inline int64_t digest(int64_t last, const Attempt *a, int64_t now, int64_t outcome)
{
    int64_t fields[4] = {a->number, now, outcome << 16 | (a->nth + 1) << 8 | a->version, a->pod};
    for (int k = 0; k < 4; k++) {
        uint64_t mixed = (uint64_t)(last ^ fields[k]) & 0x7FFFFFFF;
        last = (int64_t)(((uint64_t)(last >> 31) ^ mixed * 0x5851F42Dull ^ (uint64_t)(fields[k] >> 17))
                         & 0x3FFFFFFFFFFFFFFFull);
        last = (int64_t)(((uint64_t)last << 13 ^ (uint64_t)(last >> 7)) & 0x3FFFFFFFFFFFFFFFull);
    }
    return last;
}

static void hold(Loop *l, int64_t pod, int change, int64_t now)
{
    Pod *p = &l->pods[pod];
    l->out->busy[pod] += p->in_flight * (now - p->busy_since);
    p->busy_since = now;
    p->in_flight += change;
}

static void begin(Loop *l, int64_t row, int64_t now)
{
    Attempt *a = &l->rows[row];
    hold(l, a->pod, 1, now);
    a->outcome = a->answer_luck < l->m->error[a->version] ? ERROR : SUCCEEDED;
    push(l, now + work_of(l->m, a->work_luck), COMPLETION, row);
}

static void settle(Loop *l, int64_t row, int64_t outcome, int64_t now)
{
    const Model *m = l->m;
    Outputs *out = l->out;
    Attempt *a = &l->rows[row];
    out->attempts[a->version * OUTCOMES + outcome]++;
    if (a->nth < m->retry_max && (m->retry_on >> outcome & 1)) {
        uint32_t w[4];
        philox(a->number, a->nth, FOR_RETRY, m, w);
        int64_t pause = m->retry_wait;
        for (int64_t k = 0; k < a->nth && pause < m->retry_cap; k++) pause *= 2;
        if (pause > m->retry_cap) pause = m->retry_cap;
        pause = (int64_t)((double)pause * (1.0 - m->jitter + m->jitter * uniform(w[0])) + 0.5);
        int64_t again = take(l);
        a = &l->rows[row]; /* the rows may have moved */
        Attempt *b = &l->rows[again];
        *b = *a;
        b->nth = a->nth + 1;
        b->address = a->number << 6 | b->nth;
        b->waited_for = 1;
        push(l, now + pause, RETRY, again);
        return;
    }
    l->open--;
    out->finished++;
    out->digest = digest(out->digest, a, now, outcome);
    out->requests[(a->arrived / m->window * 3 + a->version) * OUTCOMES + outcome]++;
    if (outcome == SUCCEEDED) out->latency[a->version * LATENCY_BUCKETS + latency_bucket(now - a->arrived)]++;
    else out->users_hit[a->user] = 1;
}

static void answered(Loop *l, const Attempt *a, int64_t outcome, int64_t duration)
{
    l->out->answered[a->pod]++;
    l->out->seen[a->pod * SEEN_BUCKETS + seen_bucket(duration)]++;
    if (outcome == ERROR || outcome == REJECTED) l->out->errors[a->pod]++;
}

static void try_once(Loop *l, int64_t row, int64_t now)
{
    const Model *m = l->m;
    Attempt *a = &l->rows[row];
    uint32_t w[4];
    philox(a->number, a->nth, FOR_ATTEMPT, m, w);
    a->called = now;
    a->version = uniform(w[0]) < l->share;
    int64_t one = (int64_t)(uniform(w[1]) * (double)m->pods), first = a->version * m->pods;
    a->pod = first + one;
    if (m->pods > 1) {
        int64_t other = (int64_t)(uniform(w[2]) * (double)(m->pods - 1));
        if (other >= one) other++;
        const Pod *p = &l->pods[a->pod], *q = &l->pods[first + other];
        if (q->in_flight + q->queued < p->in_flight + p->queued) a->pod = first + other;
    }
    Pod *p = &l->pods[a->pod];
    if (p->in_flight < m->slots) {
        begin(l, row, now);
    } else if (p->queued < m->queue_limit) {
        a->next = -1;
        if (p->queued++) l->rows[p->tail].next = row;
        else p->head = row;
        p->tail = row;
    } else {
        answered(l, a, REJECTED, 0);
        settle(l, row, REJECTED, now);
        give_back(l, row);
        return;
    }
    l->out->served[a->version]++;
    if (m->timeout) push(l, now + m->timeout, DEADLINE, row);
}

static void complete(Loop *l, int64_t row, int64_t now)
{
    int64_t pod = l->rows[row].pod;
    hold(l, pod, -1, now);
    if (l->rows[row].waited_for) {
        const Attempt *a = &l->rows[row];
        answered(l, a, a->outcome, now - a->called);
        settle(l, row, a->outcome, now);
    }
    give_back(l, row);
    Pod *p = &l->pods[pod];
    if (p->queued) {
        int64_t head = p->head;
        p->head = l->rows[head].next;
        p->queued--;
        begin(l, head, now);
    }
}

/* Play the model to its end. */
void play(const Model *m, Outputs *out)
{
    Loop loop = {.m = m, .out = out, .room = 512, .free_row = -1}, *l = &loop;
    l->pods = calloc(2 * m->pods, sizeof *l->pods);
    grow(l);
    l->free_row = 512;
    int64_t number = 0, step = 0, next_at;
    double mass = 0.0;
    uint32_t w[4];
    philox(number, 0, FOR_REQUEST, m, w);
    mass += -1.0 * log1p(-uniform(w[0]));
    next_at = (int64_t)(mass / m->rate + 0.5);
    while (next_at != NEVER || l->open) {
        int64_t due = l->events ? l->heap[0].due : NEVER, now = due <= next_at ? due : next_at;
        while (step < m->steps && m->step_at[step] <= now) l->share = m->step_share[step++];
        if (due <= next_at) {
            Event e = pop(l);
            Attempt *a = &l->rows[e.row];
            if (a->address != (e.order & (((int64_t)1 << 58) - 1))) continue;
            switch (e.order >> 58) {
            case COMPLETION:
                complete(l, e.row, now);
                break;
            case DEADLINE:
                l->out->unanswered[a->version]++;
                a->waited_for = 0;
                settle(l, e.row, TIMED_OUT, now);
                break;
            default:
                try_once(l, e.row, now);
            }
            continue;
        }
        int64_t row = take(l);
        Attempt *a = &l->rows[row];
        a->number = number;
        a->address = number << 6;
        a->nth = 0;
        a->arrived = now;
        a->waited_for = 1;
        a->user = (int64_t)((double)m->users * uniform(w[1]));
        a->work_luck = uniform(w[2]);
        a->answer_luck = uniform(w[3]);
        l->open++;
        out->events++;
        number++;
        philox(number, 0, FOR_REQUEST, m, w);
        mass += -1.0 * log1p(-uniform(w[0]));
        next_at = (int64_t)(mass / m->rate + 0.5);
        if (next_at >= m->horizon) next_at = NEVER;
        try_once(l, row, now);
    }
    free(l->rows);
    free(l->heap);
    free(l->pods);
}
