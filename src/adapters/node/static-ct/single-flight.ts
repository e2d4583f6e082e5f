// One request for all who ask for the same at the same time [WIRE-014.6]. Invariant: a request ends when the last of those who wait
// for it no longer does, and whoever leaves does not take it from the others.

export type SingleFlight<T> = (
  key: string,
  signal: AbortSignal,
  start: (signal: AbortSignal) => Promise<T>,
) => Promise<T>

interface Flight<T> {
  readonly landing: Promise<T>
  readonly controller: AbortController
  passengers: number
}

export function singleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Flight<T>>()

  function takeOff(key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController()
    const landing = start(controller.signal).finally(() => {
      if (flights.get(key) === flight) flights.delete(key)
    })
    const flight: Flight<T> = { landing, controller, passengers: 0 }
    flights.set(key, flight)
    return flight
  }

  return (key, signal, start) => {
    if (signal.aborted) return Promise.reject(aborted())
    const flight = flights.get(key) ?? takeOff(key, start)
    flight.passengers++
    return new Promise((resolve, reject) => {
      const leave = () => {
        flight.passengers--
        if (flight.passengers === 0) {
          if (flights.get(key) === flight) flights.delete(key)
          flight.controller.abort()
        }
        reject(aborted())
      }
      signal.addEventListener('abort', leave, { once: true })
      const landed = () => signal.removeEventListener('abort', leave)
      flight.landing.then(
        (value) => {
          landed()
          resolve(value)
        },
        (error: unknown) => {
          landed()
          reject(error)
        },
      )
    })
  }
}

function aborted(): DOMException {
  return new DOMException('the caller no longer wants an answer', 'AbortError')
}
