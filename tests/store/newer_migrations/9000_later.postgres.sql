ALTER TABLE "fact" ADD COLUMN "note" TEXT NOT NULL DEFAULT '';
ALTER TABLE "member" DROP COLUMN "home";
UPDATE fact SET note = 'old; kept?' WHERE key = 'epoch';
