/** What is written beside what is said: a chat, and a summary with chapters. */
import type { ChatMessage, Summary } from "../types";

const MESSAGES: [share: number, sender: string, text: string][] = [
  [0.02, "Priya Raman", "Can everybody hear me? 👋"],
  [0.18, "Ada Kessler", "The calendar that we look at: https://clinic.example.com/calendar"],
  [0.43, "Priya Raman", "Yellow = moved by hand\nBlue = as booked"],
  [0.44, "Jonas Weber", "Thanks!"],
  [0.81, "Priya Raman", "I will send the list of rooms after this"],
];

export function fakeChat(seconds: number): ChatMessage[] {
  return MESSAGES.map(([share, sender, text]) => ({ at: Math.round(seconds * share), sender, text }));
}

const CHAPTERS: [share: number, title: string, text: string][] = [
  [0, "Consent and introduction", "Priya agrees to the recording and describes her role."],
  [0.12, "An ordinary Tuesday", "The day begins at seven with the handover, where most things get lost."],
  [0.38, "Two versions of the truth", "Paper and calendar differ by noon; walking over is the system."],
  [0.66, "Fixing the calendar by hand", "Everything yellow is a repair of what the booking page allowed."],
  [0.9, "What would have to be true", "It would have to know who is really in the room."],
];

export function fakeSummary(seconds: number): Summary {
  return {
    overview:
      "Priya describes how the clinic’s handover works on paper and in the calendar, and why both differ by noon.",
    topics: [],
    next_steps: ["Send the list of rooms (Priya)", "Cut the clip about yellow blocks (Ada)"],
    chapters: CHAPTERS.map(([share, title, text]) => ({
      segment: 0,
      start: Math.round(seconds * share),
      title,
      text,
    })),
  };
}
