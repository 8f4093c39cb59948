/** Who somebody is among a teamspace's members: by the id of the profile, else by a name that only one has. */
import type { Member } from "$lib/bindings/Member";
import type { Recording } from "$lib/bindings/Recording";

export function importerOf(
  recording: Pick<Recording, "imported_by" | "importer">,
  members: readonly Member[],
): Pick<Member, "name" | "photo"> {
  const known = members.find((member) => member.profile === recording.importer);
  if (known) return known;
  // Former versions noted the name alone.
  const named = members.filter((member) => member.name === recording.imported_by);
  const photo = recording.importer === null && named.length === 1 ? (named[0]?.photo ?? null) : null;
  return { name: recording.imported_by, photo };
}
